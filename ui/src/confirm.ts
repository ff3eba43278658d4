// Asks once before a button with `data-confirm` sends its form. The answer goes along as `confirmed=yes`; a
// server that does not see it asks on a page of its own, which is what happens without script.

export function confirmFirst(): void {
  document.addEventListener("submit", (event) => {
    const submitter = (event as SubmitEvent).submitter;
    if (!(submitter instanceof HTMLButtonElement) || !submitter.dataset.confirm || submitter.dataset.agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(submitter);
  }, true);
}

function ask(submitter: HTMLButtonElement): void {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const text = document.createElement("p");
  text.id = "dialog-text";
  text.textContent = submitter.dataset.confirm ?? "";
  dialog.setAttribute("aria-labelledby", text.id);
  dialog.setAttribute("role", "alertdialog");
  const row = document.createElement("div");
  row.className = "button-row";
  const cancel = choice(submitter.dataset.confirmCancel ?? "", "button button-secondary");
  const agree = choice(submitter.textContent ?? "", "button button-danger");
  // The safe answer comes first and has the focus.
  row.append(cancel, agree);
  dialog.append(text, row);
  document.body.append(dialog);
  cancel.addEventListener("click", () => dialog.close());
  agree.addEventListener("click", () => {
    dialog.close();
    send(submitter);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    submitter.focus();
  });
  dialog.showModal();
  cancel.focus();
}

function choice(label: string, look: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = look;
  button.textContent = label;
  return button;
}

function send(submitter: HTMLButtonElement): void {
  const form = submitter.form;
  if (!form) return;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "confirmed";
  field.value = "yes";
  form.append(field);
  submitter.dataset.agreed = "yes";
  form.requestSubmit(submitter);
  // A page that comes back from the browser's cache asks again.
  delete submitter.dataset.agreed;
  field.remove();
}
