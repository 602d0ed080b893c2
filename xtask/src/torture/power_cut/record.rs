//! What a run asks the system to write, as strace tells it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::disk::{Node, Operation, ROOT};
use crate::torture::program::Program;

const CALLS: &str = "trace=open,openat,creat,close,dup,dup2,dup3,write,writev,pwrite64,lseek,ftruncate,fallocate,\
                     copy_file_range,sendfile,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,mkdir,mkdirat,unlink,\
                     unlinkat,rmdir,link,linkat,symlink,symlinkat";

/// Trains into `run` in the folder, and gives what it wrote there, in order.
pub(super) fn record(program: &Program, folder: &Path, options: &[String]) -> Result<Vec<Operation>> {
    let (run, trace) = (folder.join("run"), folder.join("trace"));
    // It is there before the power is cut.
    fs::create_dir_all(&run)?;
    let run = fs::canonicalize(run)?;
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-xx", "-s", "268435456", "-e", CALLS, "-e", "signal=none", "-o"]).arg(&trace);
    command.arg(program.binary());
    let out = run.to_string_lossy().into_owned();
    let arguments = [&["train".to_owned(), "--out".to_owned(), out][..], options].concat();
    program.prepare(&mut command, folder, &arguments)?;
    let status = command.status().context("cannot run strace")?;
    let said = fs::read_to_string(folder.join("said.txt")).unwrap_or_default();
    ensure!(status.success(), "the run to record failed, {status}: {said}");
    let text = fs::read_to_string(&trace)?;
    let mut recorder = Recorder { run, ..Recorder::default() };
    for line in whole_lines(&text) {
        recorder.line(&line).with_context(|| {
            format!("cannot read what strace tells: {}", line.chars().take(300).collect::<String>())
        })?;
    }
    fs::remove_file(trace)?;
    Ok(recorder.operations)
}

/// The calls, those that were interrupted by one of another thread put together, at the place where they ended.
fn whole_lines(text: &str) -> Vec<String> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(first) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread, first);
        } else if let Some((_, rest)) =
            call.strip_prefix("<... ").and_then(|call| call.split_once(" resumed>"))
        {
            lines.push(begun.remove(thread).unwrap_or_default().to_owned() + rest);
        } else {
            lines.push(call.to_owned());
        }
    }
    lines
}

/// An open file or folder.
#[derive(Clone, Copy)]
struct Open {
    node: Node,
    at: usize,
    appends: bool,
}

#[derive(Default)]
struct Recorder {
    run: PathBuf,
    operations: Vec<Operation>,
    /// The files and folders below the run, by their paths there; the run's own is empty.
    nodes: HashMap<PathBuf, Node>,
    lengths: HashMap<Node, usize>,
    open: HashMap<i64, Open>,
    made: Node,
}

impl Recorder {
    fn line(&mut self, line: &str) -> Result<()> {
        let Some((name, rest)) = line.split_once('(') else { return Ok(()) };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return Ok(()) };
        let Some(result) = result.split(' ').next().and_then(|result| result.parse::<i64>().ok()) else {
            return Ok(());
        };
        if result < 0 {
            return Ok(());
        }
        let arguments = split(arguments.trim_end().trim_end_matches(')'));
        let argument = |index: usize| arguments.get(index).map_or("", String::as_str);
        let number = |index: usize| argument(index).parse::<i64>().unwrap_or(-1);
        match name {
            "open" => self.opened(self.inside(None, argument(0)), argument(1), result),
            "openat" => self.opened(self.inside(Some(number(0)), argument(1)), argument(2), result),
            "creat" => self.opened(self.inside(None, argument(0)), "O_CREAT|O_TRUNC", result),
            "close" => {
                self.open.remove(&number(0));
                Ok(())
            }
            "dup" | "dup2" | "dup3" => {
                match self.open.get(&number(0)).copied() {
                    Some(open) => self.open.insert(result, open),
                    None => self.open.remove(&result),
                };
                Ok(())
            }
            "write" => self.written(number(0), None, &bytes(argument(1))?, result),
            "pwrite64" => self.written(number(0), Some(number(3)), &bytes(argument(1))?, result),
            "lseek" => {
                if let Some(open) = self.open.get_mut(&number(0)) {
                    open.at = usize::try_from(result)?;
                }
                Ok(())
            }
            "ftruncate" => {
                if let Some(Open { node, .. }) = self.open.get(&number(0)) {
                    self.cut(*node, usize::try_from(number(1))?);
                }
                Ok(())
            }
            "fsync" | "fdatasync" => {
                if let Some(Open { node, .. }) = self.open.get(&number(0)) {
                    self.operations.push(Operation::Sync { node: *node });
                }
                Ok(())
            }
            "rename" => self.renamed(self.inside(None, argument(0)), self.inside(None, argument(1)), false),
            "renameat" | "renameat2" => {
                let from = self.inside(Some(number(0)), argument(1));
                let to = self.inside(Some(number(2)), argument(3));
                self.renamed(from, to, argument(4).contains("EXCHANGE"))
            }
            "mkdir" => self.make(self.inside(None, argument(0)), true).map(drop),
            "mkdirat" => self.make(self.inside(Some(number(0)), argument(1)), true).map(drop),
            "unlink" | "rmdir" => self.removed(self.inside(None, argument(0))),
            "unlinkat" => self.removed(self.inside(Some(number(0)), argument(1))),
            // None of them is used on what is in a run. What this does not know, it must not be silent about.
            _ => match self.open.contains_key(&number(0)) || self.inside(None, argument(1)).is_some() {
                true => bail!("{name} in the run is not known here"),
                false => Ok(()),
            },
        }
    }

    /// The path below the run; none elsewhere. The program is told the whole path of the run, so what is not whole is in an open
    /// folder, where the call has its descriptor.
    fn inside(&self, folder: Option<i64>, quoted: &str) -> Option<PathBuf> {
        let path = PathBuf::from(String::from_utf8(bytes(quoted).ok()?).ok()?);
        if path.is_absolute() {
            return path.strip_prefix(&self.run).ok().map(Path::to_path_buf);
        }
        let node = self.open.get(&folder?)?.node;
        if node == ROOT {
            return Some(path);
        }
        let above = self.nodes.iter().find(|(_, known)| **known == node)?.0;
        Some(above.join(path))
    }

    fn node(&self, path: &Path) -> Option<Node> {
        if path.as_os_str().is_empty() { Some(ROOT) } else { self.nodes.get(path).copied() }
    }

    /// The folder and the name of a path below the run.
    fn place(&self, path: &Path) -> Result<(Node, String)> {
        let folder = path.parent().and_then(|folder| self.node(folder));
        let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
        Ok((folder.with_context(|| format!("{} is in no known folder", path.display()))?, name))
    }

    fn make(&mut self, path: Option<PathBuf>, is_folder: bool) -> Result<Option<Node>> {
        let Some(path) = path else { return Ok(None) };
        let (folder, name) = self.place(&path)?;
        self.made += 1;
        let node = self.made;
        self.nodes.insert(path, node);
        self.operations.push(Operation::Make { folder, name, node, is_folder });
        Ok(Some(node))
    }

    fn opened(&mut self, path: Option<PathBuf>, flags: &str, descriptor: i64) -> Result<()> {
        self.open.remove(&descriptor);
        let Some(path) = path else { return Ok(()) };
        let node = match self.node(&path) {
            Some(node) => Some(node),
            None if flags.contains("O_CREAT") => self.make(Some(path), false)?,
            None => bail!("{} was never made", path.display()),
        };
        let Some(node) = node else { return Ok(()) };
        if flags.contains("O_TRUNC") && self.lengths.get(&node).is_some_and(|length| *length > 0) {
            self.cut(node, 0);
        }
        self.open.insert(descriptor, Open { node, at: 0, appends: flags.contains("O_APPEND") });
        Ok(())
    }

    fn cut(&mut self, node: Node, length: usize) {
        self.lengths.insert(node, length);
        self.operations.push(Operation::Cut { node, length });
    }

    fn written(&mut self, descriptor: i64, at: Option<i64>, bytes: &[u8], result: i64) -> Result<()> {
        let Some(open) = self.open.get_mut(&descriptor) else { return Ok(()) };
        let length = self.lengths.entry(open.node).or_default();
        let count = usize::try_from(result)?;
        ensure!(bytes.len() >= count, "strace shows {} bytes of {count}", bytes.len());
        let start = match at {
            Some(at) => usize::try_from(at)?,
            None if open.appends => *length,
            None => open.at,
        };
        if at.is_none() {
            open.at = start + count;
        }
        *length = (*length).max(start + count);
        self.operations.push(Operation::Write { node: open.node, at: start, bytes: bytes[..count].to_vec() });
        Ok(())
    }

    fn renamed(&mut self, from: Option<PathBuf>, to: Option<PathBuf>, exchange: bool) -> Result<()> {
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (from, to),
            (None, None) => return Ok(()),
            _ => bail!("a name moves out of the run or into it"),
        };
        let operation = Operation::Rename { from: self.place(&from)?, to: self.place(&to)?, exchange };
        self.operations.push(operation);
        // With all that is below them.
        let known = std::mem::take(&mut self.nodes);
        for (path, node) in known {
            let moved = match (path.strip_prefix(&from), path.strip_prefix(&to)) {
                (Ok(rest), _) => Some(joined(&to, rest)),
                (_, Ok(rest)) => exchange.then(|| joined(&from, rest)),
                _ => Some(path),
            };
            if let Some(moved) = moved {
                self.nodes.insert(moved, node);
            }
        }
        Ok(())
    }

    fn removed(&mut self, path: Option<PathBuf>) -> Result<()> {
        let Some(path) = path else { return Ok(()) };
        let (folder, name) = self.place(&path)?;
        self.nodes.remove(&path);
        self.operations.push(Operation::Remove { folder, name });
        Ok(())
    }
}

/// As `join`, which adds a separator to nothing.
fn joined(folder: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { folder.to_path_buf() } else { folder.join(rest) }
}

/// The arguments of a call: at commas outside of strings and lists.
fn split(arguments: &str) -> Vec<String> {
    let (mut parts, mut depth, mut is_text) = (vec![String::new()], 0, false);
    for character in arguments.chars() {
        match character {
            '"' => is_text = !is_text,
            '[' | '{' if !is_text => depth += 1,
            ']' | '}' if !is_text => depth -= 1,
            ',' if !is_text && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// The bytes of a string that strace writes in hexadecimal alone.
fn bytes(quoted: &str) -> Result<Vec<u8>> {
    let inner = quoted.trim().trim_start_matches('"').trim_end_matches('"');
    let pieces = inner.split("\\x").skip(1);
    pieces
        .map(|piece| u8::from_str_radix(piece, 16).with_context(|| format!("{piece:?} is no byte")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> String {
        let digits: String = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{digits}\"")
    }

    #[test]
    fn the_calls_of_two_threads_become_operations_in_order() {
        let (temporary, place) = (hex("/r/.a.x"), hex("/r/a"));
        let (one, two, folder, outside) = (hex("one"), hex("two"), hex("/r"), hex("/etc/x"));
        let trace = format!(
            "7 openat(AT_FDCWD, {temporary}, O_RDWR|O_CREAT|O_EXCL, 0666) = 5\n\
             8 openat(AT_FDCWD, {outside}, O_RDONLY) = 6\n\
             7 write(5, {one}, 3 <unfinished ...>\n\
             8 write(6, {two}, 3) = 3\n\
             7 <... write resumed>) = 3\n\
             7 write(5, {two}, 3) = 2\n\
             7 fsync(5) = 0\n\
             7 rename({temporary}, {place}) = 0\n\
             7 openat(AT_FDCWD, {folder}, O_RDONLY) = 9\n\
             7 fsync(9) = 0\n\
             7 unlink({place}) = 0\n\
             7 unlink({outside}) = -1 ENOENT (No such file or directory)\n"
        );
        let mut recorder = Recorder { run: "/r".into(), ..Recorder::default() };
        whole_lines(&trace).iter().for_each(|line| recorder.line(line).unwrap());
        let told: Vec<String> =
            recorder.operations.iter().map(|operation| format!("{operation:?}")).collect();
        assert_eq!(told.len(), 7, "{told:#?}");
        assert!(
            told[0].starts_with("Make") && told[1].contains("at: 0") && told[2].contains("at: 3"),
            "{told:#?}"
        );
        assert!(told[2].contains("[116, 119]"), "{told:#?}");
        assert!(told[3].contains("Sync { node: 1 }") && told[5].contains("Sync { node: 0 }"), "{told:#?}");
        assert!(told[4].starts_with("Rename") && told[6].starts_with("Remove"), "{told:#?}");
        // What is not known is not passed over.
        let unknown = recorder.line("fallocate(9, 0, 0, 10) = 0");
        assert!(unknown.is_err());
    }
}
