// Enhancements only: every page works without this script. Nothing is stored on the computer, nothing is asked
// of another host, and no words of a language stand here: pages bring them in data attributes.

import { confirmFirst } from "./confirm";
import { copyButtons, printButtons } from "./buttons";
import { countdowns } from "./countdown";
import { filters } from "./filters";
import { polls } from "./poll";
import { retryForms } from "./retry";

/** Makes everything under `root` work; called again for parts that replace others. */
function enliven(root: ParentNode): void {
  copyButtons(root);
  printButtons(root);
  filters(root, enliven);
  polls(root, enliven);
  retryForms(root, enliven);
}

confirmFirst();
countdowns();
enliven(document);
document.querySelector<HTMLElement>("[data-focus]")?.focus();
