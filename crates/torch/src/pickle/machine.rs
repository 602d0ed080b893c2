use std::collections::HashMap;

use super::global;
use super::opcode::*;

/// Where a node is.
pub(super) type Id = usize;

/// What a pickle builds. Nodes refer to each other by place, as Python's objects do, so that what is filled after
/// it was stored under a name is filled everywhere.
#[derive(Debug)]
pub(super) enum Node {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or function, `module.name`.
    Global(String),
    /// A reference to what lies outside of the pickle.
    Persistent(Id),
    /// A call of a global with a tuple.
    Call(String, Id),
    /// A plain value that there is no value of ours for, described.
    Other(String),
}

/// A pickle that was run.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
    /// How many opcodes there were, a measure for what the result may grow to.
    pub(super) steps: usize,
    /// How many bytes they were in.
    pub(super) length: usize,
}

impl Machine {
    pub(super) fn run(program: &[u8]) -> Result<Self, String> {
        let mut runner = Runner { reader: Reader { program, position: 0 }, ..Runner::default() };
        let mut steps = 0;
        loop {
            let start = runner.reader.position;
            steps += 1;
            match runner.step() {
                Ok(None) => {}
                Ok(Some(root)) => {
                    return Ok(Self { nodes: runner.nodes, root, steps, length: program.len() });
                }
                Err(reason) => return Err(format!("data.pkl, byte {start}: {reason}")),
            }
        }
    }
}

#[derive(Default)]
struct Runner<'a> {
    reader: Reader<'a>,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Runner<'_> {
    /// Runs an opcode; the last one gives the result.
    fn step(&mut self) -> Result<Option<Id>, String> {
        match self.reader.u8()? {
            PROTO => match self.reader.u8()? {
                0..=5 => {}
                found => {
                    return Err(format!("pickle protocol {found}; expected 2, the default of torch.save"));
                }
            },
            STOP => return self.pop().map(Some),
            MARK => self.marks.push(self.stack.len()),
            NONE => self.push(Node::None),
            NEWTRUE => self.push(Node::Bool(true)),
            NEWFALSE => self.push(Node::Bool(false)),
            BININT => {
                let value = i32::from_le_bytes(self.reader.array()?);
                self.push(Node::Int(value.into()));
            }
            BININT1 => {
                let value = self.reader.u8()?;
                self.push(Node::Int(value.into()));
            }
            BININT2 => {
                let value = u16::from_le_bytes(self.reader.array()?);
                self.push(Node::Int(value.into()));
            }
            LONG1 => {
                let value = self.reader.long()?;
                self.push(value);
            }
            BINFLOAT => {
                let value = f64::from_be_bytes(self.reader.array()?);
                self.push(Node::Float(value));
            }
            BINUNICODE => {
                let length = self.reader.u32()?;
                self.text(length as usize)?;
            }
            SHORT_BINSTRING => {
                let length = self.reader.u8()?;
                self.text(length.into())?;
            }
            EMPTY_LIST | EMPTY_SET => self.push(Node::List(Vec::new())),
            EMPTY_DICT => self.push(Node::Dict(Vec::new())),
            EMPTY_TUPLE => self.push(Node::Tuple(Vec::new())),
            TUPLE => {
                let items = self.pop_mark()?;
                self.push(Node::Tuple(items));
            }
            opcode @ (TUPLE1 | TUPLE2 | TUPLE3) => {
                let items = self.pop_many(usize::from(opcode - TUPLE1) + 1)?;
                self.push(Node::Tuple(items));
            }
            APPEND => {
                let items = self.pop_many(1)?;
                self.append(items)?;
            }
            APPENDS => {
                let items = self.pop_mark()?;
                self.append(items)?;
            }
            SETITEM => {
                let items = self.pop_many(2)?;
                self.set(&items)?;
            }
            SETITEMS => {
                let items = self.pop_mark()?;
                self.set(&items)?;
            }
            BINPUT => {
                let key = self.reader.u8()?;
                self.put(key.into())?;
            }
            LONG_BINPUT => {
                let key = self.reader.u32()?;
                self.put(key)?;
            }
            BINGET => {
                let key = self.reader.u8()?;
                self.get(key.into())?;
            }
            LONG_BINGET => {
                let key = self.reader.u32()?;
                self.get(key)?;
            }
            GLOBAL => {
                let name = global::full_name(self.reader.line()?, self.reader.line()?);
                if !global::is_known(&name) {
                    return Err(format!(
                        "it asks for {name}, which torch.load(weights_only=True) refuses, too; \
                         save it in Python without that value"
                    ));
                }
                self.push(Node::Global(name));
            }
            REDUCE | NEWOBJ => self.reduce()?,
            // The attributes of an object: `_metadata` of a state dict. They are no part of its value.
            BUILD => drop(self.pop()?),
            BINPERSID => {
                let id = self.pop()?;
                self.push(Node::Persistent(id));
            }
            other => {
                return Err(format!(
                    "opcode {other:#04x}, which torch.load(weights_only=True) does not know either; \
                     save it with pickle_protocol=2, the default of torch.save"
                ));
            }
        }
        Ok(None)
    }

    fn reduce(&mut self) -> Result<(), String> {
        let arguments = self.pop()?;
        let callee = self.pop()?;
        let (Node::Global(name), Node::Tuple(items)) = (&self.nodes[callee], &self.nodes[arguments]) else {
            return Err("a call of what is no function, or without a tuple of arguments".to_owned());
        };
        let node = match (name.as_str(), items.as_slice()) {
            ("collections.OrderedDict" | "collections.Counter", []) => Node::Dict(Vec::new()),
            _ => Node::Call(name.clone(), arguments),
        };
        self.push(node);
        Ok(())
    }

    fn text(&mut self, length: usize) -> Result<(), String> {
        let bytes = self.reader.take(length)?;
        let node = match std::str::from_utf8(bytes) {
            Ok(text) => Node::Text(text.to_owned()),
            Err(_) if has_surrogates(bytes) => Node::Other("a text with half a surrogate pair".to_owned()),
            Err(_) => return Err("a text that is not UTF-8".to_owned()),
        };
        self.push(node);
        Ok(())
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), String> {
        match self.top().map(|top| &mut self.nodes[top])? {
            Node::List(list) => list.extend(items),
            _ => return Err("items for what is no list".to_owned()),
        }
        Ok(())
    }

    fn set(&mut self, items: &[Id]) -> Result<(), String> {
        if !items.len().is_multiple_of(2) {
            return Err("a key without a value".to_owned());
        }
        match self.top().map(|top| &mut self.nodes[top])? {
            Node::Dict(entries) => entries.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1]))),
            _ => return Err("entries for what is no dict".to_owned()),
        }
        Ok(())
    }

    fn put(&mut self, key: u32) -> Result<(), String> {
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn get(&mut self, key: u32) -> Result<(), String> {
        let id = *self.memo.get(&key).ok_or_else(|| format!("memo {key} was never stored"))?;
        self.stack.push(id);
        Ok(())
    }

    fn push(&mut self, node: Node) {
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
    }

    /// How much of the stack lies below the last mark: nothing may be taken from there.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id, String> {
        self.stack[self.floor()..].last().copied().ok_or_else(|| "the stack is empty".to_owned())
    }

    fn pop(&mut self) -> Result<Id, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>, String> {
        let start = self.stack.len().checked_sub(count).filter(|&start| start >= self.floor());
        Ok(self.stack.split_off(start.ok_or_else(|| "the stack is empty".to_owned())?))
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or_else(|| "the end of what was not begun".to_owned())?;
        Ok(self.stack.split_off(mark))
    }
}

/// Whether bytes are UTF-8 but for halves of surrogate pairs, which Python's texts may have.
fn has_surrogates(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().all(|chunk| matches!(chunk.invalid(), [] | [0x80..=0xbf] | [0xed]))
        && bytes.windows(3).any(|bytes| matches!(bytes, [0xed, 0xa0..=0xbf, 0x80..=0xbf]))
}

#[derive(Default)]
struct Reader<'a> {
    program: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let rest = &self.program[self.position..];
        let taken = rest
            .get(..length)
            .ok_or_else(|| format!("cut short: {length} bytes are expected and {} are left", rest.len()))?;
        self.position += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn u8(&mut self) -> Result<u8, String> {
        self.array().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.program[self.position..];
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or("cut short in a name")?;
        let line = std::str::from_utf8(self.take(length)?).map_err(|_| "a name that is not UTF-8")?;
        self.position += 1;
        Ok(line)
    }

    /// An integer of any length, in two's complement.
    fn long(&mut self) -> Result<Node, String> {
        let length = usize::from(self.u8()?);
        let bytes = self.take(length)?;
        let Some(&last) = bytes.last() else { return Ok(Node::Int(0)) };
        let mut extended = [if last & 0x80 == 0 { 0 } else { 0xff }; 16];
        let Some(start) = extended.get_mut(..length) else {
            return Ok(Node::Other(format!("an int of {length} bytes, which does not fit 64 bits")));
        };
        start.copy_from_slice(bytes);
        let value = i128::from_le_bytes(extended);
        Ok(i64::try_from(value)
            .map_or_else(|_| Node::Other(format!("the int {value}, which does not fit 64 bits")), Node::Int))
    }
}
