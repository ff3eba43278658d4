//! `kitei pack …`: checking packs, composing them, saying where a value comes from, and which clauses are honoured.

mod check;
mod compose;
mod coverage;
mod explain;

use clap::{Args, Subcommand};
use kitei_app::kernel::shelf::Shelf;

use crate::cli::Ctx;
use crate::config::{Config, Place};
use crate::exit::{Failure, Verdict};
use crate::language::{did_you_mean, say};
use crate::packs;

/// Arguments of `kitei pack`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// パックの誤りをすべて、行と直し方とともに示す — Show every mistake with its line and what would be right.
    Check(check::Arguments),
    /// 複数のパックを合わせた規程を示す — Show what several packs say together.
    Compose(compose::Arguments),
    /// 値・項目・行為がどのパックのどの条文から来たかを示す — Show where a parameter, field, fact, act or role comes from.
    Explain(explain::Arguments),
    /// 事例を動かし、守られている条文を一行ずつ示す — Play the cases and print the clauses honoured, a line each.
    Coverage(coverage::Arguments),
}

/// Runs the subcommand.
///
/// # Errors
/// Packs or configuration cannot be read, or a name is unknown.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments, ctx),
        Command::Compose(arguments) => compose::run(arguments, ctx),
        Command::Explain(arguments) => explain::run(arguments, ctx),
        Command::Coverage(arguments) => coverage::run(arguments, ctx),
    }
}

/// The packs of the program and of the configuration.
fn shelf(place: &Place, ctx: &Ctx) -> Result<Shelf, Failure> {
    packs::shelf(Config::packs_at(place, &ctx.surroundings)?.as_deref())
}

/// The ids as given, or every pack on the shelf; an unknown one is refused.
fn chosen(shelf: &Shelf, given: &[String]) -> Result<Vec<String>, Failure> {
    if given.is_empty() {
        return Ok(shelf.iter().map(|(id, _)| id.to_owned()).collect());
    }
    let unknown = given.iter().filter(|id| shelf.get(id).is_none());
    let problems: Vec<_> = unknown
        .map(|id| {
            let near = did_you_mean(id, shelf.iter().map(|(known, _)| known));
            let all = shelf.iter().map(|(known, _)| known).collect::<Vec<_>>().join(", ");
            say(
                format!("{id}: このパックはない。{}（あるもの: {all}）", near.ja),
                format!("{id}: no such pack{} (there are {all})", near.en),
            )
        })
        .collect();
    if problems.is_empty() { Ok(given.to_vec()) } else { Err(Failure::Input(problems)) }
}
