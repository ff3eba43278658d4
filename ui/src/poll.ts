// Long work: the element with `data-poll` is replaced by what that address answers, every two seconds, until it
// no longer asks for it. The link that shows the latest state is for pages without script.

export function polls(root: ParentNode, enliven: (root: ParentNode) => void): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-poll]")) {
    for (const link of element.querySelectorAll<HTMLElement>("[data-poll-hidden]")) link.hidden = true;
    setTimeout(() => renew(element, 2000, enliven), 2000);
  }
}

async function renew(element: HTMLElement, pause: number, enliven: (root: ParentNode) => void): Promise<void> {
  if (!element.isConnected) return;
  const again = (next: number) => setTimeout(() => renew(element, next, enliven), next);
  if (document.hidden) return void again(pause);
  try {
    const response = await fetch(element.dataset.poll ?? "", { headers: { accept: "text/html" } });
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      // Signed out or gone: asking again will not help, so the link comes back.
      for (const link of element.querySelectorAll<HTMLElement>("[data-poll-hidden]")) link.hidden = false;
      return;
    }
    if (!response.ok) return void again(Math.min(pause * 2, 30_000));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(element.id);
    if (!fresh) return;
    const holder = document.createDocumentFragment();
    holder.append(document.adoptNode(fresh));
    enliven(holder);
    element.replaceWith(holder);
  } catch {
    again(Math.min(pause * 2, 30_000));
  }
}
