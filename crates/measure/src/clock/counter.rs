//! The processor's own counter: whether it can be relied on, and how it is read.

#[cfg(target_arch = "x86_64")]
mod arch {
    use std::arch::x86_64::{__cpuid, _rdtsc};

    use crate::clock::ClockSource;

    pub(in crate::clock) const SOURCE: ClockSource = ClockSource::Tsc;

    const HIGHEST_EXTENDED_LEAF: u32 = 0x8000_0000;
    const POWER_MANAGEMENT_LEAF: u32 = 0x8000_0007;
    const INVARIANT_TSC: u32 = 1 << 8;

    /// An invariant TSC runs at one speed in every power state (Intel SDM 3B 18.17, AMD APM 2
    /// 13.2.1).
    pub(in crate::clock) fn is_reliable() -> bool {
        __cpuid(HIGHEST_EXTENDED_LEAF).eax >= POWER_MANAGEMENT_LEAF
            && __cpuid(POWER_MANAGEMENT_LEAF).edx & INVARIANT_TSC != 0
    }

    #[inline(always)]
    pub(in crate::clock) fn read() -> u64 {
        // SAFETY: every x86-64 processor has `rdtsc`; it touches no memory.
        unsafe { _rdtsc() }
    }

    /// x86-64 has no architectural way to ask for the TSC's frequency that virtual machines keep
    /// to.
    pub(in crate::clock) fn frequency_hz() -> Option<u64> {
        None
    }
}

#[cfg(target_arch = "aarch64")]
mod arch {
    use std::arch::asm;

    use crate::clock::ClockSource;

    pub(in crate::clock) const SOURCE: ClockSource = ClockSource::VirtualCounter;

    /// The architecture promises a counter that is the same on all cores and keeps its speed.
    pub(in crate::clock) fn is_reliable() -> bool {
        true
    }

    #[inline(always)]
    pub(in crate::clock) fn read() -> u64 {
        let ticks: u64;
        // SAFETY: `cntvct_el0` is readable from user space on every system that std supports;
        // reading changes nothing.
        unsafe {
            asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags));
        }
        ticks
    }

    /// What firmware says the counter's frequency is; some says 0.
    pub(in crate::clock) fn frequency_hz() -> Option<u64> {
        let hz: u64;
        // SAFETY: `cntfrq_el0` is readable wherever `cntvct_el0` is; reading changes nothing.
        unsafe {
            asm!("mrs {}, cntfrq_el0", out(reg) hz, options(nomem, nostack, preserves_flags));
        }
        (hz != 0).then_some(hz)
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod arch {
    use crate::clock::ClockSource;

    pub(in crate::clock) const SOURCE: ClockSource = ClockSource::Monotonic;

    pub(in crate::clock) fn is_reliable() -> bool {
        false
    }

    #[inline(always)]
    pub(in crate::clock) fn read() -> u64 {
        0
    }

    pub(in crate::clock) fn frequency_hz() -> Option<u64> {
        None
    }
}

pub(super) use self::arch::{SOURCE, frequency_hz, is_reliable, read};
