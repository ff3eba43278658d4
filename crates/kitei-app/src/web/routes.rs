//! Every address of the pages with who may come there at all. What a person sees and may do on it is decided by the rules.
//!
//! A row is `Who [Scope] "METHODS" path => handler;`. `docs/permissions.md` is printed from this table, and a test walks
//! every row with every role.
//!
//! Invariant: the router is made from this table, so an address without a row does not exist.
//! Invariant: the table itself lets people in or turns them away, before a handler runs; a handler that forgets to ask
//! opens nothing.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};

use super::{
    Web, account, adopt, asset, attachments, bundle, calendar, compare, erase, evidence, export, feed, gaps, glossary,
    handbook, import, mail, notices, organizations, parameter, problem::Problem, record, registers, report, retention,
    rulebook, second_factor, settings, sign, sign_in_rules, today, tokens, views, visitor::Visitor,
};
use crate::shell::ui::assets;

/// Who may come to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anybody,
    /// Whoever is signed in; the rules decide what they see.
    SignedIn,
    /// Top management, privacy manager, system administrator.
    Administrators,
}

impl Who {
    /// Whether somebody who is signed in and holds these roles may come.
    #[must_use]
    pub fn admits(self, roles: &[String]) -> bool {
        match self {
            Self::Anybody | Self::SignedIn => true,
            Self::Administrators => ADMINISTRATORS.iter().any(|role| roles.iter().any(|held| held == role)),
        }
    }
}

/// Roles that administer the installation.
pub const ADMINISTRATORS: [&str; 3] = ["top-management", "privacy-manager", "system-administrator"];

/// What those who may come get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The same for all of them.
    Same,
    /// Their own.
    Own,
    /// What the rules of the adopted packs give them; an address that names something is such by itself.
    Rules,
}

impl Scope {
    const fn of(path: &str) -> Self {
        let bytes = path.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'{' {
                return Self::Rules;
            }
            at += 1;
        }
        Self::Same
    }
}

/// An address.
pub struct Route {
    /// Path.
    pub path: &'static str,
    /// Methods.
    pub methods: &'static str,
    /// Who may come.
    pub who: Who,
    /// What they get.
    pub scope: Scope,
    handler: fn() -> MethodRouter<Arc<Web>>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route")
            .field("path", &self.path)
            .field("methods", &self.methods)
            .field("who", &self.who)
            .finish()
    }
}

macro_rules! routes {
    ($($who:ident $($scope:ident)? $methods:literal $path:expr => $handler:expr;)*) => {
        /// The table.
        pub const ROUTES: &[Route] = &[$(Route {
            path: $path,
            methods: $methods,
            who: Who::$who,
            scope: routes!(@scope $path $(, $scope)?),
            handler: || $handler,
        },)*];
    };
    (@scope $path:expr) => { Scope::of($path) };
    (@scope $path:expr, $scope:ident) => { Scope::$scope };
}

routes! {
    Anybody "GET" assets::STYLE_PATH => get(asset);
    Anybody "GET" assets::SCRIPT_PATH => get(asset);
    Anybody "GET" assets::ICON_PATH => get(asset);
    Anybody "GET POST" "/set-up" => get(sign::set_up_form).post(sign::set_up);
    Anybody "GET POST" "/sign-in" => get(sign::sign_in_form).post(sign::sign_in);
    Anybody "GET POST" "/sign-in/code" => get(sign::code_form).post(sign::code);
    Anybody "GET POST" "/break-glass" => get(sign::break_glass_form).post(sign::break_glass);
    Anybody "GET POST" "/organizations" => get(organizations::form).post(organizations::choose);
    Anybody "GET POST" "/join" => get(account::join_form).post(account::join);
    Anybody "GET" "/language" => get(sign::language);
    Anybody "GET POST" "/report" => get(report::form).post(report::send);
    Anybody "GET" "/report/qr" => get(report::qr);
    SignedIn Own "POST" "/sign-out" => post(sign::sign_out);
    SignedIn Own "GET POST" "/me" => get(account::me).post(account::end_sessions);
    SignedIn Own "GET POST" "/me/second-factor" => get(second_factor::form).post(second_factor::send);
    SignedIn Own "GET POST" "/me/tokens" => get(tokens::page).post(tokens::change);
    SignedIn Own "GET POST" "/password" => get(account::password_form).post(account::password);
    SignedIn Own "GET" "/" => get(today::page);
    SignedIn Own "GET POST" "/calendar" => get(calendar::page).post(calendar::address);
    Anybody "GET" "/calendar/feed/{key}" => get(feed::feed);
    SignedIn Rules "GET" "/compare" => get(compare::page);
    SignedIn Rules "GET" "/views" => get(views::index);
    SignedIn "GET" "/views/{register}/{view}" => get(views::page);
    SignedIn "GET" "/views/{register}/{view}/file" => get(views::file);
    SignedIn Rules "GET" "/handbook" => get(handbook::page);
    SignedIn "GET" "/glossary" => get(glossary::page);
    SignedIn Own "GET POST" "/notices" => get(notices::page).post(notices::confirm_all);
    SignedIn Own "GET POST" "/notices/{id}" => get(notices::one).post(notices::acknowledge);
    SignedIn Rules "GET" "/registers" => get(registers::index);
    SignedIn "GET" "/registers/{register}" => get(registers::list);
    SignedIn "GET POST" "/registers/{register}/new" => get(record::new_form).post(record::create);
    SignedIn "GET POST" "/registers/{register}/import" =>
        get(import::form).post(import::upload).layer(DefaultBodyLimit::max(import::UPLOAD));
    SignedIn "GET POST" "/registers/{register}/gaps" => get(gaps::page).post(gaps::fill);
    SignedIn "GET" "/registers/{register}/export.xlsx" => get(export::xlsx);
    SignedIn "GET" "/registers/{register}/export.csv" => get(export::csv);
    SignedIn Rules "GET" "/imports" => get(import::list);
    SignedIn "GET POST" "/imports/{id}" => get(import::page).post(import::decide);
    SignedIn "GET" "/imports/{id}/progress" => get(import::progress);
    SignedIn "POST" "/imports/{id}/undo" => post(import::undo);
    SignedIn "GET" "/records/{id}" => get(record::page);
    SignedIn "GET POST" "/records/{id}/edit" => get(record::edit_form).post(record::edit);
    SignedIn "GET POST" "/records/{id}/act/{act}" => get(record::act_form).post(record::act);
    SignedIn "POST" "/records/{id}/approve/{act}" => post(record::approve);
    SignedIn "POST" "/records/{id}/return/{act}" => post(record::send_back);
    SignedIn "GET POST" "/records/{id}/skip/{act}" => get(record::skip_form).post(record::skip);
    SignedIn "GET POST" "/records/{id}/lines/{list}/new" => get(record::line_form).post(record::add_line);
    SignedIn "GET POST" "/records/{id}/lines/{list}/{line}" => get(record::line_edit_form).post(record::edit_line);
    SignedIn "GET POST" "/records/{id}/close" => get(record::close_form).post(record::close);
    SignedIn "GET" "/records/{id}/papers/{paper}" => get(record::paper);
    SignedIn "GET" "/records/{id}/form.pdf" => get(record::filled_paper);
    SignedIn "GET" "/registers/{register}/form.pdf" => get(record::blank_paper);
    SignedIn "GET POST" "/records/{id}/attachments" => get(attachments::page).post(attachments::add);
    SignedIn "GET" "/records/{id}/attachments/{attachment}" => get(attachments::download);
    SignedIn Rules "GET POST" "/retention" => get(retention::page).post(retention::choose);
    SignedIn Rules "GET POST" "/retention/dispose" => get(retention::dispose_form).post(retention::dispose);
    SignedIn "GET POST" "/records/{id}/erase" => get(erase::form).post(erase::erase);
    SignedIn "GET POST" "/records/{id}/lines/{list}/{line}/erase" => get(erase::line_form).post(erase::erase_line);
    SignedIn "GET" "/rulebook" => get(rulebook::page);
    SignedIn "GET" "/rulebook/{pack}" => get(rulebook::pack);
    SignedIn "GET" "/clauses/{id}" => get(rulebook::clause);
    SignedIn Rules "GET" "/evidence" => get(evidence::page);
    SignedIn "GET" "/evidence/checkpoint" => get(evidence::checkpoint);
    SignedIn Rules "GET POST" "/evidence/bundle" => get(bundle::form).post(bundle::take);
    SignedIn "GET POST" "/records/{id}/bundle" => get(bundle::record_form).post(bundle::take_record);
    Administrators "GET" "/settings/accounts" => get(account::accounts);
    Administrators "GET POST" "/settings/accounts/{person}" => get(account::invite_form).post(account::invite);
    Administrators "POST" "/settings/accounts/{person}/deeds" => post(account::do_deed);
    Administrators "GET POST" "/settings/sign-in" => get(sign_in_rules::page).post(sign_in_rules::seal);
    Administrators "GET" "/settings" => get(settings::page);
    Administrators "GET POST" "/settings/mail" => get(mail::page).post(mail::act);
    Administrators "GET POST" "/settings/parameters/{key}" => get(parameter::form).post(parameter::set);
    Administrators "GET POST" "/settings/packs" => get(adopt::form).post(adopt::adopt);
}

/// Puts every address on a router.
pub(super) fn mount(router: Router<Arc<Web>>, web: &Arc<Web>) -> Router<Arc<Web>> {
    ROUTES.iter().fold(router, |router, route| {
        let handler = (route.handler)();
        let guarded = match route.who {
            // Some of these pages look whether somebody is signed in; none of them needs it.
            Who::Anybody => handler,
            who => handler.layer(middleware::from_fn_with_state((Arc::clone(web), who), gate)),
        };
        router.route(route.path, guarded)
    })
}

/// Lets those in whom the row admits. Whoever is let in is handed on, so that the session is looked up once.
async fn gate(State((web, who)): State<(Arc<Web>, Who)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor =
        match <Visitor as axum::extract::FromRequestParts<Arc<Web>>>::from_request_parts(&mut parts, &web).await {
            Ok(visitor) => visitor,
            Err(problem) => return problem.into_response(),
        };
    if !who.admits(&visitor.actor.roles) {
        return Problem::Forbidden.into_response();
    }
    parts.extensions.insert(visitor);
    next.run(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_administrators_are_let_in_where_it_says_so() {
        let roles = |role: &str| vec![role.to_owned()];
        for role in ADMINISTRATORS {
            assert!(Who::Administrators.admits(&roles(role)), "{role}");
        }
        for role in ["", "staff", "auditor", "audit-manager", "department-head", "top-management-deputy"] {
            assert!(!Who::Administrators.admits(&roles(role)), "{role}");
            assert!(Who::SignedIn.admits(&roles(role)), "{role}");
        }
    }

    #[test]
    fn an_address_that_names_something_goes_by_the_rules() {
        assert_eq!(Scope::of("/records/{id}"), Scope::Rules);
        assert_eq!(Scope::of("/rulebook"), Scope::Same);
    }
}
