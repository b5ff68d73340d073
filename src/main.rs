//! The program: reads the command line, does what it says, reports, and exits with the status of the result.

use scaffold::cli::{self, Request};
use scaffold::error::{Exit, Result};
use scaffold::pack::Catalog;
use scaffold::system::interrupt::{self, Reactions};
use scaffold::system::watch;
use scaffold::{commands, ui, write};
use std::ffi::OsString;
use std::process::ExitCode;

/// The one that musl has costs `init` 40 % more time: docs/decisions/distribution.md.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let (command, format) = (cli::command_name(&arguments), cli::wanted_format(&arguments));
    ui::colour(cli::wanted_colour(&arguments));
    if cli::wants_quiet(&arguments) {
        ui::be_quiet();
    }
    ui::report_panics();
    watch::install(Box::new(move |what| {
        // From here on no other thread can print.
        let _only_here = std::io::stderr().lock();
        ui::restore();
        ui::failure(command, &watch::error(what), format);
        std::process::exit(Exit::Usage as i32);
    }));
    match run(&arguments) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            ui::failure(command, &error, format);
            ExitCode::from(error.exit() as u8)
        }
    }
}

fn run(arguments: &[OsString]) -> Result<Exit> {
    if let Some(text) = cli::without_packs(arguments, ui::is_terminal()) {
        ui::help(&text)?;
        return Ok(Exit::Done);
    }
    interrupt::install(Reactions {
        stop: write::interrupt,
        restore: ui::restore,
        report: || ui::print_message("\ninterrupted: nothing is written\n"),
    });
    let catalog = if cli::reads_packs(arguments) {
        commands::pack::catalog(&cli::pack_folders(arguments))?
    } else {
        Catalog::default()
    };
    // It lives as long as the program, so that nothing is gained by taking it apart.
    let catalog: &'static Catalog = Box::leak(Box::new(catalog));
    match cli::parse(arguments, catalog)? {
        Ok(Request::Init(args)) => commands::init::run(&args, catalog)?,
        Ok(Request::Update(args)) => commands::update::run(&args, catalog)?,
        Ok(Request::Check(args)) => return commands::check::check(&args, catalog),
        Ok(Request::Diff(args)) => commands::check::diff(&args, catalog)?,
        Ok(Request::Method(args)) => commands::method::run(&args, catalog)?,
        Ok(Request::Knowledge(args)) => commands::knowledge::run(&args, catalog)?,
        Ok(Request::Questions(args)) => commands::questions::run(&args, catalog)?,
        Ok(Request::Schema(of)) => commands::schema::run(&of, catalog)?,
        Ok(Request::Explain(code)) => commands::explain::run(code.as_deref())?,
        Ok(Request::Completions(shell)) => commands::shell::completions(shell)?,
        Ok(Request::Complete(words)) => commands::shell::complete(&words, catalog)?,
        Ok(Request::Man(words)) => commands::shell::man(&words, catalog)?,
        Ok(Request::Doctor(args)) => return commands::doctor::run(&args, catalog),
        Ok(Request::PackLint(args)) => commands::pack_lint::run(&args)?,
        Ok(Request::PackRender(args)) => commands::pack_render::run(&args, catalog)?,
        Ok(Request::PackTest(args)) => return commands::pack_test::run(&args),
        Err(help) => ui::help(&help)?,
    }
    Ok(Exit::Done)
}
