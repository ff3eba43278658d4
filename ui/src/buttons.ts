// Buttons that only a script can serve; the page hides them until then.

/** Copies the text of the element named by `data-copy`, and says so on the button for two seconds. */
export function copyButtons(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy ?? "");
    // The clipboard exists only in a secure context (TLS or loopback); elsewhere the button stays hidden.
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    const words = [...button.childNodes].map((node) => node.cloneNode(true));
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.className = "visually-hidden";
    button.after(said);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText((source.textContent ?? "").trim());
      const copied = button.dataset.copied ?? "";
      button.replaceChildren(copied);
      said.textContent = copied;
      setTimeout(() => {
        button.replaceChildren(...words.map((node) => node.cloneNode(true)));
        said.textContent = "";
      }, 2000);
    });
  }
}

/** Shows the buttons that print the page. */
export function printButtons(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
