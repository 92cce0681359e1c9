//! Names for the addresses of one object file: from its debug information, its symbols, or its unwind
//! tables, which even a stripped file has.

use addr2line::{
    Context, Frame,
    gimli::{
        self, AttributeValue, BaseAddresses, EhFrame, EhFrameHdr, EndianSlice, LittleEndian,
        ParsedEhFrameHdr, UnitOffset, UnitRef, UnwindSection as _,
    },
};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};

use crate::symbols::{Located, Symbol};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The names in one object file.
pub(crate) struct DebugInfo<'a> {
    /// How unnamed functions are called.
    module: &'a str,
    /// In ascending order of address.
    functions: Vec<FunctionSymbol<'a>>,
    context: Option<Context<Slice<'a>>>,
    tables: Option<UnwindTables<'a>>,
}

struct FunctionSymbol<'a> {
    address: u64,
    bytes: u64,
    name: &'a str,
}

impl<'a> DebugInfo<'a> {
    /// Reads the table of symbols; everything else is read where an address asks for it.
    pub(crate) fn new(file: &object::File<'a>, module: &'a str) -> Self {
        Self {
            module,
            functions: function_symbols(file),
            context: context(file),
            tables: UnwindTables::new(file),
        }
    }

    /// The functions at an address of the file, from the innermost outwards: those that were inlined
    /// there, and the one that the code belongs to. Never empty.
    pub(crate) fn functions_at(&self, address: u64) -> Vec<Located> {
        let symbol = self.symbol_at(address);
        let mut functions = self.inlined_at(address).unwrap_or_default();
        // The last is the function that was compiled. The linker knows its full name always, the debug
        // information only where there is more of it than line tables.
        let in_debug_info = functions.pop();
        let name = match (symbol, &in_debug_info) {
            (Some(symbol), _) => demangled(symbol.name),
            (None, Some(function)) if !function.symbol.name.is_empty() => {
                function.symbol.name.clone()
            }
            _ => self.unnamed(address),
        };
        let line_at = in_debug_info.as_ref().map_or(0, |function| function.line);
        let (file, line) = match in_debug_info.map(|function| function.symbol) {
            Some(function) if function.line != 0 => (function.file, function.line),
            in_debug_info => symbol
                .and_then(|symbol| self.outermost_location(symbol.address))
                .or_else(|| in_debug_info.map(|function| (function.file, 0)))
                .unwrap_or_default(),
        };
        let module = self.module.to_owned();
        functions.push(Located {
            symbol: Symbol {
                name,
                file,
                line,
                module,
            },
            line: line_at,
        });
        functions
    }

    fn symbol_at(&self, address: u64) -> Option<&FunctionSymbol<'a>> {
        let behind = self
            .functions
            .partition_point(|symbol| symbol.address <= address);
        let symbol = &self.functions[behind.checked_sub(1)?];
        (address - symbol.address < symbol.bytes).then_some(symbol)
    }

    /// What the debug information says, without a name or line where it has none.
    fn inlined_at(&self, address: u64) -> Option<Vec<Located>> {
        let context = self.context.as_ref()?;
        let unit = context.find_dwarf_and_unit(address).skip_all_loads();
        let mut frames = context.find_frames(address).skip_all_loads().ok()?;
        let mut functions = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let entry = frame.dw_die_offset;
            let line = unit
                .zip(entry)
                .and_then(|(unit, entry)| declaration_line(unit, entry));
            let file = frame.location.as_ref().and_then(|location| location.file);
            let line_at = frame.location.as_ref().and_then(|location| location.line);
            functions.push(Located {
                symbol: Symbol {
                    name: name_of(&frame).unwrap_or_default(),
                    file: file.unwrap_or_default().to_owned(),
                    line: line.unwrap_or(0),
                    module: self.module.to_owned(),
                },
                line: line_at.unwrap_or(0),
            });
        }
        Some(functions)
    }

    /// Where the compiled function at `address` is, leaving out what was inlined there.
    fn outermost_location(&self, address: u64) -> Option<(String, u32)> {
        let context = self.context.as_ref()?;
        let mut frames = context.find_frames(address).skip_all_loads().ok()?;
        let mut outermost = None;
        while let Ok(Some(frame)) = frames.next() {
            outermost = frame.location;
        }
        let location = outermost?;
        Some((location.file?.to_owned(), location.line.unwrap_or(0)))
    }

    fn unnamed(&self, address: u64) -> String {
        let begin = self
            .tables
            .as_ref()
            .and_then(|tables| tables.function_begin(address));
        format!("{}+{:#x}", self.module, begin.unwrap_or(address))
    }
}

fn function_symbols<'a>(file: &object::File<'a>) -> Vec<FunctionSymbol<'a>> {
    let mut functions = file
        .symbols()
        .chain(file.dynamic_symbols())
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
        .filter_map(|symbol| {
            Some(FunctionSymbol {
                address: symbol.address(),
                bytes: symbol.size(),
                name: symbol.name().ok()?,
            })
        })
        .collect::<Vec<_>>();
    functions.sort_by(|a, b| (a.address, b.bytes, a.name).cmp(&(b.address, a.bytes, b.name)));
    functions.dedup_by_key(|symbol| symbol.address);
    functions
}

/// The debug information; `None` where there is none, or where it is compressed.
fn context<'a>(file: &object::File<'a>) -> Option<Context<Slice<'a>>> {
    let section = |id: gimli::SectionId| -> Result<Slice<'a>, object::Error> {
        let bytes = match file.section_by_name(id.name()) {
            Some(section) => section.uncompressed_data()?,
            None => return Ok(Slice::new(&[], LittleEndian)),
        };
        match bytes {
            std::borrow::Cow::Borrowed(bytes) => Ok(Slice::new(bytes, LittleEndian)),
            std::borrow::Cow::Owned(_) => Ok(Slice::new(&[], LittleEndian)),
        }
    };
    Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()
}

fn name_of(frame: &Frame<'_, Slice<'_>>) -> Option<String> {
    let function = frame.function.as_ref()?;
    let name = function.raw_name().ok()?;
    let demangled = demangled(&name);
    // Line tables alone have the bare name and the types it was compiled for: `fold<u64, …>`.
    match demangled.find('<') {
        Some(types) if types > 0 && *name == *demangled && is_rust(function.language) => {
            Some(demangled[..types].to_owned())
        }
        _ => Some(demangled),
    }
}

fn is_rust(language: Option<gimli::DwLang>) -> bool {
    language == Some(gimli::DW_LANG_Rust)
}

fn demangled(name: &str) -> String {
    // The alternative form leaves out the hash.
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The line of a function's name, which an inlined copy finds in the original.
fn declaration_line(unit: UnitRef<'_, Slice<'_>>, entry: UnitOffset) -> Option<u32> {
    const MOST_REFERENCES: usize = 4;
    let mut offset = entry;
    for _ in 0..MOST_REFERENCES {
        let entry = unit.entry(offset).ok()?;
        if let Some(line) = entry.attr_value(gimli::DW_AT_decl_line) {
            return line.udata_value().and_then(|line| u32::try_from(line).ok());
        }
        let original = entry
            .attr_value(gimli::DW_AT_abstract_origin)
            .or_else(|| entry.attr_value(gimli::DW_AT_specification))?;
        offset = match original {
            AttributeValue::UnitRef(offset) => offset,
            AttributeValue::DebugInfoRef(offset) => offset.to_unit_offset(&unit.header)?,
            _ => return None,
        };
    }
    None
}

/// The index of functions that unwinding uses.
struct UnwindTables<'a> {
    index: ParsedEhFrameHdr<Slice<'a>>,
    entries: EhFrame<Slice<'a>>,
    bases: BaseAddresses,
}

impl<'a> UnwindTables<'a> {
    fn new(file: &object::File<'a>) -> Option<Self> {
        let index = file.section_by_name(".eh_frame_hdr")?;
        let entries = file.section_by_name(".eh_frame")?;
        let bases = BaseAddresses::default()
            .set_eh_frame_hdr(index.address())
            .set_eh_frame(entries.address());
        Some(Self {
            index: EhFrameHdr::new(index.data().ok()?, LittleEndian)
                .parse(&bases, size_of::<u64>() as u8)
                .ok()?,
            entries: EhFrame::new(entries.data().ok()?, LittleEndian),
            bases,
        })
    }

    /// Where the function around `address` begins.
    fn function_begin(&self, address: u64) -> Option<u64> {
        let entry = self.index.table()?.fde_for_address(
            &self.entries,
            &self.bases,
            address,
            EhFrame::cie_from_offset,
        );
        entry.ok().map(|entry| entry.initial_address())
    }
}

#[cfg(test)]
mod tests;
