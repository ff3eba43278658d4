// Filters of a list take effect as they are set: the results are replaced in place, the address follows, and the
// focus stays where it is (WCAG 3.2.2: no change of context). The button does the same without script.

export function filters(root: ParentNode, enliven: (root: ParentNode) => void): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-auto-submit]")) {
    let timer = 0;
    let latest = 0;
    const renew = async () => {
      const turn = ++latest;
      const url = new URL(form.action);
      url.search = new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString();
      try {
        const response = await fetch(url, { headers: { accept: "text/html" } });
        if (!response.ok || turn !== latest) return;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const id = form.dataset.autoSubmit ?? "";
        const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
        if (!old || !fresh) return;
        // The count is a status region: changing its text in place makes it announced.
        const [oldCount, freshCount] = [old, fresh].map((part) => part.querySelector(".listing-count"));
        if (oldCount && freshCount) {
          oldCount.textContent = freshCount.textContent;
          freshCount.replaceWith(oldCount);
        }
        old.replaceChildren(...fresh.childNodes);
        enliven(old);
        history.replaceState(null, "", url);
      } catch {
        // Not reachable just now: the button still works, and the browser says what is wrong.
      }
    };
    const soon = (delay: number) => {
      clearTimeout(timer);
      timer = window.setTimeout(renew, delay);
    };
    form.addEventListener("change", () => soon(0));
    form.addEventListener("input", () => soon(350));
  }
}
