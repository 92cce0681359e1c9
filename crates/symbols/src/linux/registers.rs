//! Where the current function is.

/// The registers that unwinding begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Registers {
    pub(super) instruction: u64,
    pub(super) stack: u64,
    pub(super) frame: u64,
    /// The return address, as long as the function has made no call.
    #[cfg(target_arch = "aarch64")]
    pub(super) link: u64,
}

/// Those of the function that this is inlined into. The instruction is read with the others, because what the unwind
/// tables say changes within a function.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn here() -> Registers {
    let (instruction, stack, frame);
    // SAFETY: reads registers, and writes none but its outputs.
    unsafe {
        std::arch::asm!(
            // First what an output might be put into.
            "mov {frame}, rbp",
            "mov {stack}, rsp",
            "lea {instruction}, [rip]",
            instruction = out(reg) instruction,
            stack = out(reg) stack,
            frame = out(reg) frame,
            options(nomem, nostack, preserves_flags),
        );
    }
    Registers {
        instruction,
        stack,
        frame,
    }
}

/// Those of the function that this is inlined into.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub(super) fn here() -> Registers {
    let (instruction, stack, frame, link);
    // SAFETY: reads registers, and writes none but its outputs.
    unsafe {
        std::arch::asm!(
            // First what an output might be put into.
            "mov {link}, x30",
            "mov {frame}, x29",
            "mov {stack}, sp",
            "adr {instruction}, .",
            instruction = out(reg) instruction,
            stack = out(reg) stack,
            frame = out(reg) frame,
            link = out(reg) link,
            options(nomem, nostack, preserves_flags),
        );
    }
    Registers {
        instruction,
        stack,
        frame,
        link,
    }
}
