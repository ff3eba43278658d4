//! The few words that components say by themselves, in both languages, in one table.
//!
//! Invariant: a component holds no literal of a language; it asks this table by [`Lang`].

use super::Lang;

/// A word or short sentence in both languages.
#[derive(Clone, Copy)]
pub(super) struct Word {
    ja: &'static str,
    en: &'static str,
}

impl Word {
    /// The word in `lang`.
    pub(super) const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ja => self.ja,
            Lang::En => self.en,
        }
    }
}

macro_rules! words {
    ($($name:ident = $ja:literal, $en:literal;)*) => {
        $(pub(super) const $name: Word = Word { ja: $ja, en: $en };)*

        /// Every word, for the test that none is missing in a language.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, Word)] = &[$((stringify!($name), $name)),*];
    };
}

words! {
    // Page
    REST = "続きを開く", "Show the rest";
    SKIP = "本文へ進む", "Skip to main content";
    SAMPLE = "この組織は見本です。人も出来事も架空です。", "This organization is a sample; nobody and nothing in it is real.";
    REPORT = "なくした・間違えた・あやしい", "Lost · Sent wrong · Suspicious";
    REPORT_HINT = "事故かもしれないことを知らせる", "Tell us about a possible incident";
    MENU = "メニュー", "Menu";
    BREADCRUMBS = "現在の場所", "You are here";
    SIGN_OUT = "サインアウト", "Sign out";
    LANGUAGE_NAME = "日本語", "English";
    EVIDENCE_LINE = "証跡の署名", "Evidence signed";
    ERROR_IN_TITLE = "エラー：", "Error: ";
    PRINT = "印刷する", "Print";

    // Form
    REQUIRED = "必須", "required";
    OPTIONAL = "任意", "optional";
    UNKNOWN = "分からない", "I do not know";
    CHOOSE = "選んでください", "Please choose";
    ERROR = "エラー", "Error";
    SUMMARY_TITLE = "次の項目を直してください", "Please correct the following";
    SUMMARY_KEPT = "入力した内容は残っています。", "What you typed has been kept.";
    DATE_HINT = "例：2026-04-01、令和8年4月1日、R8.4.1", "For example 2026-04-01, or a Japanese era date such as R8.4.1";
    TIME_HINT = "例：14:30（日本時間）", "For example 14:30 (Japan time)";
    DATE = "日付", "Date";
    TIME = "時刻", "Time";
    NUMBER_HINT = "全角の数字や「,」も使えます", "Full-width digits and commas are accepted";
    READ_AS = "読み取った日付", "Read as";
    RETRY_SENDING = "送信しています…", "Sending…";
    RETRY_WAITING = "まだ届いていません。この画面を閉じないでください。自動で送り直します。", "Not delivered yet. Keep this page open; it is sent again by itself.";
    RETRY_LEAVE = "報告がまだ届いていません。", "Your report has not been delivered yet.";

    // Basis
    BASIS = "根拠", "Basis";

    // Buttons
    CANCEL = "やめる", "Cancel";
    COPY = "コピー", "Copy";
    COPIED = "コピーしました", "Copied";

    // Listing
    FILTER = "絞り込む", "Filter";
    FILTER_TITLE = "絞り込み", "Filters";
    FILTER_CLEAR = "条件を消す", "Clear filters";
    SORT_BY = "並べ替え", "Sort";
    ASCENDING = "昇順", "ascending";
    DESCENDING = "降順", "descending";
    EXPORT = "この一覧を書き出す", "Export this list";
    PAGES = "ページ", "Pages";
    PREVIOUS = "前へ", "Previous";
    NEXT = "次へ", "Next";

    // Task
    OVERDUE = "期限超過", "Overdue";
    TODAY = "今日", "Today";
    THIS_WEEK = "今週", "This week";
    LATER = "今後", "Later";
    NO_DUE = "期限の定めなし", "No date set";
    DONE = "完了", "Done";
    DUE = "期限", "Due";
    WHO = "担当", "Who";
    WAITING_FOR = "待ち", "Waiting for";

    // Steps
    STEP_NOW = "いまここ", "Now";
    STEP_OPEN = "これから", "To do";
    STEP_WAITING = "待ち", "Waiting";
    STEP_LATE = "遅れています", "Late";
    STEP_NOT_APPLICABLE = "該当なし", "Not applicable";

    // Timeline
    RECORDED = "記録", "Recorded";
    BY = "記録者", "By";
    EVIDENCE = "証跡を見る", "See evidence";

    // Facts
    FACTS = "分かっていること", "What is known";
    CONSEQUENCES = "やること・期限", "What follows";
    CHANGE = "変更する", "Change";
    KNOWN_AT = "知った時刻", "Known at";
    STRICT_SIDE = "分からない間は、厳しい側で計算します", "While unknown, the strict side is assumed";
    CHANGED = "更新", "Changed";
    STILL_UNKNOWN = "まだ分からないこと", "Still unknown";
    WHY = "理由", "Why";

    // Notice
    INFO = "お知らせ", "Note";
    SUCCESS = "完了", "Done";
    WARNING = "注意", "Warning";

    // Progress
    REFRESH = "最新の状態を見る", "Show the latest state";
    LEAVE_OPEN = "この画面を離れても処理は続きます。", "You may leave this page; the work goes on.";
    FINISHED = "終わりました", "Finished";
    FAILED = "できませんでした", "Failed";
    RUNNING = "処理中", "Running";

    // Diff
    ITEM = "項目", "Item";
    BEFORE = "変更前", "Before";
    AFTER = "変更後", "After";
    ADDED = "追加", "added";
    REMOVED = "削除", "removed";
    ALTERED = "変更", "changed";
    SAME = "同じ", "same";
    NOTHING = "（なし）", "(none)";

    // Figure
    AS_TABLE = "表で見る", "Show as a table";
    SHADE_NONE = "なし", "None";
    SHADE_OPEN = "これから", "To come";
    SHADE_PART = "一部完了", "Partly done";
    SHADE_DONE = "完了", "Done";
    SHADE_LATE = "遅れ", "Late";
    PERIOD = "時期", "Period";
    STATE = "状態", "State";
}
