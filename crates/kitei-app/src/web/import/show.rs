//! The pages of an import: preview with problems and choices, progress, result.

use super::choices::{Offer, Said, gaps_choice, matching, same_choice, where_it_is};
use kitei_rules::{
    pack::model::{Kind, Stage},
    run::Kernel,
};
use kitei_store::imports::Named;
use maud::{Markup, html};

use crate::{
    import::{Batch, CellProblem, Report, State, Weight},
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link, Tone,
            button::{self, CONFIRMED, Submit, Weight as Look},
            definition::{self, Definition},
            empty::{Empty, empty},
            form::{self, Form},
            notice::{Notice, notice},
            progress::{self, Progress},
            table::{Column, Holds, Row, Table, table},
            text::grouped,
        },
    },
    web::{
        Web, fields,
        frame::{self, Own, say},
        problem::Problem,
        visitor::Visitor,
    },
};

/// Something that is asked once before it is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    Undo,
    Discard,
}

/// The list of imports.
pub(super) fn list(web: &Web, visitor: &Visitor, all: &[Batch], titles: &[String]) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let rows: Vec<Row> = all
        .iter()
        .zip(titles)
        .map(|(batch, title)| {
            let counted = if batch.total > 0 { batch.total } else { batch.counts.rows };
            Row {
                cells: vec![
                    html! { a href={ "/imports/" (batch.id) } { (when(visitor, batch)) } },
                    html! { (title) },
                    html! { (batch.name) },
                    html! { (grouped(counted)) },
                    html! { (state_words(lang, batch.state)) },
                ],
                marked: batch.state == State::Blocked,
            }
        })
        .collect();
    let columns = [
        Column { label: say(lang, "日時", "Sent"), holds: Holds::Code, ..Column::default() },
        Column { label: say(lang, "台帳", "Register"), ..Column::default() },
        Column { label: say(lang, "ファイル", "File"), ..Column::default() },
        Column { label: say(lang, "行", "Rows"), holds: Holds::Number, ..Column::default() },
        Column { label: say(lang, "状態", "State"), ..Column::default() },
    ];
    let content = html! {
        @if rows.is_empty() {
            (empty(&Empty {
                title: say(lang, "まだ取り込みはありません", "No imports yet"),
                text: say(lang, "台帳を開き、「表から取り込む」を選ぶと、Excel や CSV の台帳をそのまま取り込めます。", "Open a register and choose “Import a table” to bring in a ledger from Excel or CSV."),
                actions: button::link(Link { label: say(lang, "台帳を開く", "Open the registers"), href: "/registers" }, Look::Primary),
            }))
        } @else {
            (table(lang, &Table { id: "imports", caption: say(lang, "取り込みの一覧", "Imports"), columns: &columns, rows: &rows, ..Table::default() }))
        }
    };
    let own = Own {
        title: say(lang, "表の取り込み", "Imports"),
        place: "/registers",
        path: "/imports",
        breadcrumbs: &[Link { label: say(lang, "台帳", "Registers"), href: "/registers" }],
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn when(visitor: &Visitor, batch: &Batch) -> String {
    let local = batch.created_at.timestamp().to_zoned_datetime(visitor.organization.zone.clone());
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

fn state_words(lang: Lang, state: State) -> &'static str {
    match state {
        State::Checking => say(lang, "確かめています", "Being checked"),
        State::Ready => say(lang, "取り込めます", "Ready"),
        State::Blocked => say(lang, "直すところがあります", "To be corrected"),
        State::Staging | State::Settling => say(lang, "取り込んでいます", "Coming in"),
        State::Indexing => say(lang, "検索の準備をしています", "The search is being made ready"),
        State::Done => say(lang, "取り込みました", "Done"),
        State::Undoing => say(lang, "取り消しています", "Being taken back"),
        State::Undone => say(lang, "取り消しました", "Taken back"),
        State::Discarded => say(lang, "やめました", "Discarded"),
    }
}

/// An import as it stands.
pub(super) async fn page(web: &Web, visitor: &Visitor, batch: &Batch, said: &Said) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(&batch.register)?;
        let fields = rule.fields.iter().filter(|field| field.value.is_none() && field.kind != Kind::File);
        let fields = fields.map(|field| Offer {
            id: field.id.clone(),
            title: field.title.in_lang(words).to_owned(),
            required: field.stage() == Stage::Save,
        });
        Some((rule.title.in_lang(words).to_owned(), fields.collect::<Vec<_>>()))
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let (title, offers) = found.ok_or(Problem::NotFound)?;
    let content = match batch.state {
        State::Ready | State::Blocked => preview(web, visitor, batch, &offers, said)?,
        State::Done => result(web, visitor, batch)?,
        State::Undone => taken_back(lang, batch),
        State::Discarded => html! {
            (notice(lang, &Notice { tone: Tone::Info, title: say(lang, "この取り込みはやめました。台帳は変わっていません。", "This import was discarded; nothing changed."), ..Notice::default() }))
        },
        _ => html! { h2 { (say(lang, "進み具合", "How far it is")) } (progress_of(lang, batch)) },
    };
    let content = html! {
        (content)
        p { a href="/imports" { (say(lang, "取り込みの一覧へ", "All imports")) } }
    };
    framed(web, visitor, batch, &title, said.wrong.is_some(), content)
}

fn framed(
    web: &Web,
    visitor: &Visitor,
    batch: &Batch,
    title: &str,
    refused: bool,
    content: Markup,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let (path, list) = (format!("/imports/{}", batch.id), format!("/registers/{}", batch.register));
    let own = Own {
        title: state_words(lang, batch.state),
        lead: &format!("{title} ← {}", batch.name),
        place: "/registers",
        path: &path,
        breadcrumbs: &[
            Link { label: say(lang, "台帳", "Registers"), href: "/registers" },
            Link { label: title, href: &list },
            Link { label: say(lang, "取り込み", "Imports"), href: "/imports" },
        ],
        refused,
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn preview(web: &Web, visitor: &Visitor, batch: &Batch, offers: &[Offer], said: &Said) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let address = format!("/imports/{}", batch.id);
    let token = visitor.token(web, &address)?;
    let ready = batch.state == State::Ready;
    let coming = batch.counts.coming(batch.choices.gaps);
    let take = match lang {
        Lang::Ja => format!("{}件を取り込む", grouped(coming)),
        Lang::En => format!("Import {} rows", grouped(coming)),
    };
    let default = Report::default();
    let report = batch.report.as_ref().unwrap_or(&default);
    let buttons = html! {
        @if ready {
            (button::submit(lang, &Submit { label: &take, sends: Some(("do", "import")), ..Submit::default() }))
        }
        (button::submit(lang, &Submit {
            label: say(lang, "選び直して、もう一度確かめる", "Check again with these choices"),
            weight: if ready { Look::Secondary } else { Look::Primary },
            sends: Some(("do", "check")),
            ..Submit::default()
        }))
        (button::submit(lang, &Submit {
            label: say(lang, "取り込まない", "Do not import"),
            weight: Look::Quiet,
            sends: Some(("do", "discard")),
            ..Submit::default()
        }))
    };
    Ok(html! {
        @if let Some(wrong) = said.wrong {
            (form::summary(lang, &[form::Problem { name: "header", label: say(lang, "見出しの行", "Header rows"), message: say(lang, wrong.0, wrong.1) }]))
        }
        (verdict(lang, batch))
        (problems(lang, report))
        (compared(lang, report))
        (form::form(lang, &Form {
            action: &address,
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                @if report.comparison.different > 0 || batch.choices.same.is_some() { (same_choice(lang, batch, said)) }
                (gaps_choice(lang, batch, said))
                (where_it_is(lang, batch, report, said))
                (matching(lang, report, offers, said))
            },
            buttons,
            ..Form::default()
        }))
    })
}

fn verdict(lang: Lang, batch: &Batch) -> Markup {
    let counts = batch.counts;
    if let Some((ja, en)) = &batch.refusal {
        return notice(lang, &Notice { tone: Tone::Danger, title: say(lang, ja, en), ..Notice::default() });
    }
    let (tone, title) = match (batch.state, counts.rows) {
        (State::Ready, _) => (
            Tone::Success,
            say(
                lang,
                "このまま取り込めます。まだ台帳は変わっていません。",
                "This can come in as it is. Nothing has changed yet.",
            ),
        ),
        (_, 0) => (
            Tone::Danger,
            say(
                lang,
                "データの行が見つかりません。シートか見出しの行を選び直してください。",
                "No rows of data were found; choose another sheet or header row.",
            ),
        ),
        _ if counts.wrong == 0 && counts.unchanged + counts.kept == counts.rows => (
            Tone::Info,
            say(
                lang,
                "どの行もすでに台帳にあり、取り込むものはありません。",
                "Every row is in the register already; there is nothing to import.",
            ),
        ),
        _ if counts.wrong > 0 => (
            Tone::Danger,
            say(
                lang,
                "読み取れないセルがあるので、まだ取り込めません。ファイルを直して送り直すか、列の対応を選び直してください。",
                "Some cells are not understood. Mend the file and send it again, or match the columns otherwise.",
            ),
        ),
        _ if counts.same > 0 => (
            Tone::Warning,
            say(
                lang,
                "すでに台帳にあるものと同じと見られる行があります。どうするかを選んでください。",
                "Some rows seem to be in the register already; choose what becomes of them.",
            ),
        ),
        _ => (
            Tone::Warning,
            say(
                lang,
                "必要な項目が空の行があります。直すか、「不足あり」として取り込めます。",
                "Some rows lack what is required. Fill them in, or let them come in marked “gaps”.",
            ),
        ),
    };
    let line = |ja: &str, en: &str, number: u64| match lang {
        Lang::Ja => format!("{ja} {}行", grouped(number)),
        Lang::En => format!("{en}: {}", grouped(number)),
    };
    let body = html! {
        ul {
            li { (line("そのまま取り込める", "Ready", counts.ready)) }
            @if counts.incomplete > 0 { li { (line("不足のある", "With gaps", counts.incomplete)) } }
            @if counts.changes > 0 { li { (line("いまの記録を更新する", "Change a record", counts.changes)) } }
            @if counts.same > 0 { li { (line("同じと見られ、内容が違う", "Seem to be there already and differ", counts.same)) } }
            @if counts.kept > 0 { li { (line("いまの記録のままにする", "Left as they are", counts.kept)) } }
            @if counts.unchanged > 0 { li { (line("すでにあり、変わりない", "There already, unchanged", counts.unchanged)) } }
            @if counts.wrong > 0 { li { (line("直さないと取り込めない", "Cannot come in", counts.wrong)) } }
        }
    };
    notice(lang, &Notice { tone, title, body })
}

fn problems(lang: Lang, report: &Report) -> Markup {
    if report.problems.is_empty() {
        return html! {};
    }
    let weight = |weight: Weight| match weight {
        Weight::Error => say(lang, "誤り", "Error"),
        Weight::Gap => say(lang, "不足", "Gap"),
        Weight::Warning => say(lang, "注意", "Look"),
        Weight::Note => say(lang, "参考", "Note"),
    };
    let row = |problem: &CellProblem| {
        let place = problem.cell.clone().or_else(|| {
            problem.row.map(|row| match lang {
                Lang::Ja => format!("{row}行目"),
                Lang::En => format!("row {row}"),
            })
        });
        Row {
            cells: vec![
                html! { (place.unwrap_or_default()) },
                html! { (problem.header) },
                html! { (weight(problem.weight)) },
                html! { (say(lang, &problem.ja, &problem.en)) @for clause in &problem.clauses { " " a href={ "/clauses/" (clause) } { (clause) } } },
            ],
            marked: problem.weight == Weight::Error,
        }
    };
    let mut sorted: Vec<&CellProblem> = report.problems.iter().collect();
    sorted.sort_by_key(|problem| problem.weight);
    let rows: Vec<Row> = sorted.into_iter().map(row).collect();
    let columns = [
        Column { label: say(lang, "セル", "Cell"), holds: Holds::Code, ..Column::default() },
        Column { label: say(lang, "列", "Column"), ..Column::default() },
        Column { label: say(lang, "重さ", "Weight"), ..Column::default() },
        Column { label: say(lang, "内容と直し方", "What, and what would be right"), ..Column::default() },
    ];
    html! {
        section {
            h2 { (say(lang, "気づいたところ", "What was noticed")) }
            (table(lang, &Table { id: "problems", caption: say(lang, "セルごとの気づいたところ", "Problems by cell"), columns: &columns, rows: &rows, ..Table::default() }))
            @if report.left_out > 0 {
                p { (match lang {
                    Lang::Ja => format!("ほかに {}件あります。", grouped(report.left_out)),
                    Lang::En => format!("There are {} more.", grouped(report.left_out)),
                }) }
            }
        }
    }
}

/// How the file stands to what is in the register.
fn compared(lang: Lang, report: &Report) -> Markup {
    let comparison = &report.comparison;
    let rows: Vec<Row> = comparison
        .matches
        .iter()
        .map(|one| Row {
            cells: vec![
                html! { (one.row) },
                html! { a href={ "/records/" (one.record) } { (one.number) } },
                html! { (one.fields.join(say(lang, "、", ", "))) },
            ],
            marked: false,
        })
        .collect();
    let columns = [
        Column { label: say(lang, "行", "Row"), holds: Holds::Number, ..Column::default() },
        Column { label: say(lang, "台帳の記録", "Record"), holds: Holds::Code, ..Column::default() },
        Column { label: say(lang, "違う項目", "Fields that differ"), ..Column::default() },
    ];
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (say(lang, "すでに台帳にあるもの", "What is in the register already")) }
                (table(lang, &Table { id: "same", caption: say(lang, "同じと見られる行", "Rows that seem to be there already"), columns: &columns, rows: &rows, ..Table::default() }))
            }
        }
        @if comparison.missing > 0 {
            section {
                h2 { (say(lang, "ファイルにない記録", "Records that the file does not have")) }
                p { (match lang {
                    Lang::Ja => format!("台帳にはあってファイルにはない記録が {}件あります。取り込んでも消えません。なくなったものなら、記録を開いて終了してください。", grouped(comparison.missing)),
                    Lang::En => format!("{} records of the register are not in the file. They stay; close those that are gone.", grouped(comparison.missing)),
                }) }
                ul { @for gone in &comparison.gone { li { a href={ "/records/" (gone.record) } { (gone.number) } } } }
            }
        }
    }
}

/// How far an import is.
pub(super) fn progress_of(lang: Lang, batch: &Batch) -> Markup {
    let address = format!("/imports/{}", batch.id);
    let total = match batch.state {
        State::Staging => Some(batch.counts.rows),
        State::Settling | State::Indexing | State::Undoing => Some(batch.total),
        _ => None,
    };
    let running = batch.state.is_running();
    let result = html! {
        @if !running { a href=(address) { (say(lang, "結果を見る", "See the result")) } }
        @else if batch.state == State::Settling {
            (say(lang, "取り込みは決まりました。できた行から順に台帳に現れます。", "The import stands; rows appear in the register as they are written."))
        } @else if batch.state == State::Indexing {
            (say(lang, "すべての行が台帳にあります。検索で見つかるのは準備が終わってからです。", "All rows are in the register; the search finds them when it is ready."))
        }
    };
    progress::progress(
        lang,
        &Progress {
            id: "import-progress",
            label: state_words(lang, batch.state),
            done: if running { batch.done } else { batch.total.max(batch.counts.rows) },
            total,
            unit: say(lang, "行", " rows"),
            state: if running { progress::State::Running } else { progress::State::Finished },
            poll: &format!("{address}/progress"),
            refresh: &address,
            result,
        },
    )
}

fn result(web: &Web, visitor: &Visitor, batch: &Batch) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let undo = format!("/imports/{}/undo", batch.id);
    let token = visitor.token(web, &undo)?;
    let list = format!("/registers/{}", batch.register);
    let title = match lang {
        Lang::Ja => format!("{}件を取り込みました。", grouped(batch.total)),
        Lang::En => format!("{} rows have come in.", grouped(batch.total)),
    };
    let numbers = batch.numbers.as_ref().map(|(first, last)| format!("{first} 〜 {last}")).unwrap_or_default();
    let gaps = format!("{list}/gaps");
    let items = [
        Definition { term: say(lang, "番号", "Numbers"), value: html! { (numbers) }, basis: &[] },
        Definition {
            term: say(lang, "更新した記録", "Records changed"),
            value: html! { (grouped(batch.changes.saturating_sub(batch.refused.len() as u64))) },
            basis: &[],
        },
        Definition {
            term: say(lang, "更新できなかった記録", "Records that could not be changed"),
            value: html! { (batch.refused.join(say(lang, "、", ", "))) },
            basis: &[],
        },
        Definition {
            term: say(lang, "不足のある件数", "With gaps"),
            value: html! { (grouped(batch.gaps)) },
            basis: &[],
        },
        Definition {
            term: say(lang, "証跡の根（この取り込みの全行のハッシュ）", "Root of the rows in the evidence log"),
            value: html! { code { (batch.root.clone().unwrap_or_default()) } },
            basis: &[],
        },
    ];
    Ok(html! {
        (notice(lang, &Notice { tone: Tone::Success, title: &title, ..Notice::default() }))
        (definition::list(lang, &items))
        (button::row(&html! {
            (button::link(Link { label: say(lang, "台帳を見る", "Open the register"), href: &list }, Look::Primary))
            @if batch.gaps > 0 {
                (button::link(Link { label: say(lang, "不足を埋める", "Fill gaps"), href: &gaps }, Look::Secondary))
            }
        }))
        section {
            h2 { (say(lang, "取り消す", "Take it back")) }
            p { (say(lang, "この取り込みで入った記録を、まとめて取り消せます。入った後に変更した記録があるときは、取り消せません。", "All records of this import can be taken back together, unless some were changed since.")) }
            (form::form(lang, &Form {
                action: &undo,
                token: Some((CSRF_FIELD, &token)),
                buttons: button::submit(lang, &Submit {
                    label: say(lang, "この取り込みを取り消す", "Take this import back"),
                    weight: Look::Danger,
                    ..Submit::default()
                }),
                ..Form::default()
            }))
        }
    })
}

fn taken_back(lang: Lang, batch: &Batch) -> Markup {
    let title = match lang {
        Lang::Ja => format!("{}件の取り込みを取り消しました。", grouped(batch.total)),
        Lang::En => format!("The import of {} rows was taken back.", grouped(batch.total)),
    };
    let body = html! { p { (say(lang, "取り込んだことと取り消したことは、証跡に残っています。", "The evidence log keeps both the import and its undoing.")) } };
    notice(lang, &Notice { tone: Tone::Info, title: &title, body })
}

/// Asks once before something goes.
pub(super) fn confirm(web: &Web, visitor: &Visitor, batch: &Batch, question: Question) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let back = format!("/imports/{}", batch.id);
    let (action, label, text) = match question {
        Question::Undo => (
            format!("{back}/undo"),
            say(lang, "取り消す", "Take it back"),
            match lang {
                Lang::Ja => format!(
                    "「{}」から取り込んだ {}件の記録を、台帳からすべて取り除きます。元に戻すには、もう一度取り込みます。",
                    batch.name,
                    grouped(batch.total)
                ),
                Lang::En => format!(
                    "All {} records that came from “{}” are taken out of the register. To have them back, import again.",
                    grouped(batch.total),
                    batch.name
                ),
            },
        ),
        Question::Discard => (
            back.clone(),
            say(lang, "やめる", "Discard"),
            match lang {
                Lang::Ja => format!("送ったファイル「{}」を消します。台帳は変わりません。", batch.name),
                Lang::En => format!("The file “{}” is removed; the register does not change.", batch.name),
            },
        ),
    };
    let token = visitor.token(web, &action)?;
    let content = html! {
        (notice(lang, &Notice { tone: Tone::Warning, title: &text, ..Notice::default() }))
        (form::form(lang, &Form {
            action: &action,
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                (form::hidden(CONFIRMED, "yes"))
                @if matches!(question, Question::Discard) { (form::hidden("do", "discard")) }
            },
            buttons: html! {
                (button::submit(lang, &Submit { label, weight: Look::Danger, ..Submit::default() }))
                (button::link(Link { label: say(lang, "戻る", "Back"), href: &back }, Look::Secondary))
            },
            ..Form::default()
        }))
    };
    framed(web, visitor, batch, &batch.register, false, content)
}

/// Why an import cannot be taken back.
pub(super) fn changed(web: &Web, visitor: &Visitor, batch: &Batch, since: &[Named]) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let title = say(
        lang,
        "取り消せません。入った後に変更された記録、または別の記録から参照されている記録があります。",
        "It cannot be taken back: records were changed since, or other records name them.",
    );
    let body = html! {
        ul {
            @for named in since {
                li { a href={ "/records/" (named.record) } { (named.number.clone().unwrap_or_else(|| say(lang, "（なくなった記録）", "(gone)").to_owned())) } }
            }
        }
        p { (say(lang, "何も変わっていません。それらの記録を見て、必要なら一件ずつ直してください。", "Nothing was changed. Look at these records and correct them one by one if need be.")) }
    };
    let content = html! {
        (notice(lang, &Notice { tone: Tone::Danger, title, body }))
        p { a href={ "/imports/" (batch.id) } { (say(lang, "取り込みへ戻る", "Back to the import")) } }
    };
    framed(web, visitor, batch, &batch.register, true, content)
}
