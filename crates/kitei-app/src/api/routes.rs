//! Every address of the API, with what it needs, takes and answers. The router and the OpenAPI document are made from it.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, patch, post};

use super::{law, me, openapi, records, registers, rulebook, writes};
use crate::web::Web;

/// What a caller needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Anybody,
    /// A token, or the session of a browser.
    Read,
    /// A token; the question travels in the body and changes nothing.
    Ask,
    /// A token that may write.
    Write,
}

/// A parameter of the address after the question mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// JSON type.
    pub kind: &'static str,
    /// What it does.
    pub words: (&'static str, &'static str),
}

/// An operation.
pub struct Operation {
    /// Method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// Its name in the document.
    pub name: &'static str,
    /// What a caller needs.
    pub scope: Scope,
    /// What it does, in Japanese and English.
    pub words: (&'static str, &'static str),
    /// Parameters.
    pub query: &'static [Parameter],
    /// Schema of the body.
    pub body: Option<&'static str>,
    /// Status and schema of the answer.
    pub answer: (u16, &'static str),
    pub(super) handler: fn() -> MethodRouter<Arc<Web>>,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

const fn text(name: &'static str, ja: &'static str, en: &'static str) -> Parameter {
    Parameter { name, kind: "string", words: (ja, en) }
}

const fn whole(name: &'static str, ja: &'static str, en: &'static str) -> Parameter {
    Parameter { name, kind: "integer", words: (ja, en) }
}

/// What the list of a register takes.
const LIST: &[Parameter] = &[
    text("q", "さがす言葉", "What to search for"),
    whole("page", "ページ（1から）", "Page, from 1"),
    whole("per_page", "1ページの件数（200まで）", "Records of a page, 200 at most"),
    text(
        "sort",
        "並び：number, updated, 項目名。逆順は頭に -",
        "Order: number, updated or a field; - in front turns it round",
    ),
    text("state", "open, closed, disposed", "open, closed, disposed"),
    text("fields", "columns（既定）か all", "columns (default) or all"),
];

macro_rules! operations {
    ($($scope:ident $method:literal $path:literal $name:ident $(takes $body:literal)? gives $status:literal $answer:literal
        [$query:expr] ($ja:literal, $en:literal) => $handler:expr;)*) => {
        /// The table.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            method: $method,
            path: $path,
            name: stringify!($name),
            scope: Scope::$scope,
            words: ($ja, $en),
            query: $query,
            body: operations!(@body $($body)?),
            answer: ($status, $answer),
            handler: || $handler,
        },)*];
    };
    (@body) => { None };
    (@body $body:literal) => { Some($body) };
}

operations! {
    Anybody "GET" "/api/v1/openapi.json" openapi gives 200 "Anything" [&[]]
        ("この文書。トークンを付けると採用中の規程の台帳も入る", "This document; with a token also the registers of the adopted rulebook") => get(openapi::served);
    Read "GET" "/api/v1/me" me gives 200 "Me" [&[]] ("トークンの持ち主", "Whom the token speaks for") => get(me::me);
    Read "GET" "/api/v1/tasks" tasks gives 200 "Tasks" [&[]] ("自分の仕事", "What is asked of me") => get(me::tasks);
    Read "GET" "/api/v1/registers" registers gives 200 "Registers" [&[]] ("見られる台帳", "Registers that one may see") => get(registers::index);
    Read "GET" "/api/v1/registers/{register}" register gives 200 "Register" [&[]] ("台帳の項目・選択肢・条項", "Fields, choices and clauses of a register") => get(registers::definition);
    Read "GET" "/api/v1/registers/{register}/schema" registerSchema gives 200 "Anything" [&[]] ("台帳の項目のJSON Schema", "JSON Schema of its fields") => get(registers::json_schema);
    Read "GET" "/api/v1/registers/{register}/records" records gives 200 "Records" [LIST] ("記録の一覧：検索・絞り込み・並び・総数", "Records: search, filter, order, total") => get(registers::list);
    Write "POST" "/api/v1/registers/{register}/records" create takes "Create" gives 201 "Record" [&[]] ("登録する", "Enter a record") => post(writes::create);
    Read "GET" "/api/v1/records/{id}" record gives 200 "Record" [&[]] ("記録とそこから分かること", "A record and what follows from it") => get(records::one);
    Write "PATCH" "/api/v1/records/{id}" change takes "Change" gives 200 "Record" [&[]] ("事実を直す", "Change facts") => patch(writes::change);
    Read "GET" "/api/v1/records/{id}/history" history gives 200 "History" [&[whole("before", "この番号より前", "Events before this number")]] ("経過", "What happened") => get(records::history);
    Read "GET" "/api/v1/records/{id}/papers/{paper}" paper gives 200 "Paper" [&[]] ("書類の内容", "The content of a paper") => get(records::paper);
    Write "POST" "/api/v1/records/{id}/acts/{act}" act takes "Act" gives 200 "Record" [&[]] ("手順を行う", "Do a step or duty") => post(writes::act);
    Write "POST" "/api/v1/records/{id}/acts/{act}/approve" approve takes "Circumstances" gives 200 "Record" [&[]] ("承認する", "Approve") => post(writes::approve);
    Write "POST" "/api/v1/records/{id}/acts/{act}/return" sendBack takes "Circumstances" gives 200 "Record" [&[]] ("差し戻す", "Send back") => post(writes::send_back);
    Write "POST" "/api/v1/records/{id}/acts/{act}/skip" skip takes "Circumstances" gives 200 "Record" [&[]] ("該当しないとする", "Say that it does not apply") => post(writes::skip);
    Write "POST" "/api/v1/records/{id}/lists/{list}" addLine takes "Act" gives 201 "Record" [&[]] ("明細を加える", "Add a line") => post(writes::add_line);
    Write "PATCH" "/api/v1/records/{id}/lists/{list}/{line}" changeLine takes "Change" gives 200 "Record" [&[]] ("明細を直す", "Change a line") => patch(writes::change_line);
    Write "POST" "/api/v1/records/{id}/close" close takes "Circumstances" gives 200 "Record" [&[]] ("終了する", "Close") => post(writes::close);
    Read "GET" "/api/v1/rulebook" rulebook gives 200 "Rulebook" [&[]] ("採用中の規程と値", "Adopted packs and values") => get(rulebook::whole);
    Read "GET" "/api/v1/clauses" clauses gives 200 "Clauses" [&[text("pack", "規程", "Pack")]] ("条項の一覧", "Clauses") => get(rulebook::clauses);
    Read "GET" "/api/v1/clauses/{clause}" clause gives 200 "Clause" [&[]] ("条項", "A clause") => get(rulebook::clause);
    Read "GET" "/api/v1/explain/{name}" explain gives 200 "Explanations" [&[]] ("値・項目・行為・役割がどこから来るか", "Where a value, field, act or role comes from") => get(rulebook::explain);
    Read "GET" "/api/v1/law/{question}" law gives 200 "Anything" [&[
        text("known", "知った日", "Day of knowing"), whole("days", "30 か 60", "30 or 60"),
        text("by", "contract, batch, each", "contract, batch, each"), text("date", "日付", "Date"),
        text("form", "書類", "Document"), whole("year", "年", "Year"),
    ]] ("期限と保存（final, preliminary, retention）", "Deadlines and retention (final, preliminary, retention)") => get(law::ask);
    Ask "POST" "/api/v1/law/check" lawCheck takes "Check" gives 200 "Anything" [&[]] ("検査数字", "Check digits") => post(law::check);
    Ask "POST" "/api/v1/law/breach" lawBreach takes "Anything" gives 200 "Anything" [&[]] ("漏えい等の報告の要否と期限", "What must be reported of a breach, by when") => post(law::breach);
}
