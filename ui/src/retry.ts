// A form with `data-retry` is sent again and again until the server has acknowledged it. The hidden idempotency
// key makes many sendings one deed. What was typed lives in the form alone: nothing is stored on the computer,
// which others may use after this person.

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;

export function retryForms(root: ParentNode, enliven: (root: ParentNode) => void): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-retry]")) {
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      await deliver(form, body(form, (event as SubmitEvent).submitter), enliven);
      busy = false;
    });
  }
}

function body(form: HTMLFormElement, submitter: HTMLElement | null): FormData | URLSearchParams {
  const data = new FormData(form);
  if (submitter instanceof HTMLButtonElement && submitter.name) data.append(submitter.name, submitter.value);
  if (form.enctype === "multipart/form-data") return data;
  return new URLSearchParams(data as unknown as Record<string, string>);
}

async function deliver(form: HTMLFormElement, data: BodyInit, enliven: (root: ParentNode) => void): Promise<void> {
  const status = form.querySelector<HTMLElement>("[data-retry-status]");
  const say = (text: string | undefined) => {
    if (status && status.textContent !== text) status.textContent = text ?? "";
  };
  const stay = (event: BeforeUnloadEvent) => {
    event.preventDefault();
    event.returnValue = form.dataset.retryLeave ?? "";
  };
  addEventListener("beforeunload", stay);
  say(form.dataset.retrySending);
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const response = await attempt(form, data);
    if (response && response.status < 500 && response.status !== 429 && response.status !== 408) {
      removeEventListener("beforeunload", stay);
      await show(response, enliven);
      return;
    }
    say(form.dataset.retryWaiting);
    await rest(pause);
  }
}

async function attempt(form: HTMLFormElement, data: BodyInit): Promise<Response | null> {
  try {
    return await fetch(form.action, { method: "POST", body: data, signal: AbortSignal.timeout(20_000) });
  } catch {
    return null;
  }
}

/** Waits for `pause` milliseconds, or less when the connection comes back before. */
function rest(pause: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, pause);
    addEventListener("online", done);
  });
}

/** Shows the page that the server answered, the card or the form with its errors, without asking again for it. */
async function show(response: Response, enliven: (root: ParentNode) => void): Promise<void> {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const [old, fresh] = [document.querySelector("main"), page.querySelector("main")];
  if (!old || !fresh) {
    location.assign(response.url);
    return;
  }
  if (response.redirected) history.pushState(null, "", response.url);
  document.title = page.title;
  const main = document.adoptNode(fresh);
  old.replaceWith(main);
  enliven(main);
  scrollTo(0, 0);
  (main.querySelector<HTMLElement>("[data-focus]") ?? main).focus();
}
