// Keeps the countdowns of an open page true, in the words of `text::countdown` (Rust). The language is the
// page's; the two tables below are the only words that the script has to build by itself.

const UNITS = {
  ja: { day: (n: number) => `${n}日`, hour: (n: number) => `${n}時間`, minute: (n: number) => `${n}分`, join: "" },
  en: { day: english("day"), hour: english("hour"), minute: english("minute"), join: " " },
};

const FRAME = {
  ja: { left: (s: string) => `あと${s}`, over: (s: string) => `${s}超過`, moment: "あと1分未満", passed: "ちょうど期限を過ぎました" },
  en: { left: (s: string) => `${s} left`, over: (s: string) => `overdue by ${s}`, moment: "less than a minute left", passed: "just passed" },
};

function english(unit: string): (n: number) => string {
  return (n) => `${n} ${unit}${n === 1 ? "" : "s"}`;
}

/** The time left in words, from whole seconds until the due time. */
export function words(language: "ja" | "en", seconds: number): string {
  const unit = UNITS[language];
  const frame = FRAME[language];
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes === 0) return seconds < 0 ? frame.passed : frame.moment;
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = days > 0 ? [unit.day(days), hours && unit.hour(hours)] : [hours && unit.hour(hours), rest && unit.minute(rest)];
  const span = parts.filter(Boolean).join(unit.join);
  return seconds < 0 ? frame.over(span) : frame.left(span);
}

/** Renews every countdown each half minute and whenever the page is looked at again. */
export function countdowns(): void {
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  // The computer's clock may be wrong: what counts is how long the page has been open since the server wrote it.
  const opened = performance.now();
  const elements = () => document.querySelectorAll<HTMLElement>("[data-seconds]");
  const renew = () => {
    const gone = Math.floor((performance.now() - opened) / 1000);
    for (const element of elements()) {
      const text = words(language, Number(element.dataset.seconds) - gone);
      if (element.textContent !== text) element.textContent = text;
    }
  };
  setInterval(renew, 30_000);
  document.addEventListener("visibilitychange", () => document.hidden || renew());
}
