//! ALSA, found when it is needed: a stand-in for every function of its library that the ALSA host calls.
//!
//! So building needs no package of the system, and the program starts and renders where the library isn't there. Each stand-in
//! jumps through a table that [`find`] fills from the library; `tools/pkg-config` keeps the linker from asking for it. A function
//! that is missing here fails to link, so this list can't be too short.

#![allow(unsafe_code, reason = "functions of a C library that is loaded at run time, and jumps to them")]

use std::arch::naked_asm;
use std::error::Error;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use libloading::Library;

/// The library as every distribution of Linux calls it.
const LIBRARY: &str = "libasound.so.2";

/// Jumps on to a function of the library, with registers and stack as they came, so that arguments and results pass through.
#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    ($index:expr) => {
        naked_asm!("jmp qword ptr [rip + {table} + {offset}]", table = sym TABLE, offset = const 8 * $index)
    };
}

/// The same on aarch64: x16 is the register that the calling convention leaves to such stand-ins.
#[cfg(target_arch = "aarch64")]
macro_rules! jump {
    ($index:expr) => {
        naked_asm!(
            "adrp x16, {table}",
            "add x16, x16, :lo12:{table}",
            "ldr x16, [x16, #{offset}]",
            "br x16",
            table = sym TABLE,
            offset = const 8 * $index,
        )
    };
}

/// Declares the stand-ins with their places in the table.
macro_rules! stand_ins {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        #[allow(non_camel_case_types, clippy::enum_variant_names, reason = "the names of the library")]
        enum ErrorPlace { $($name),* }

        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            extern "C" fn $name() {
                jump!(ErrorPlace::$name as usize)
            }
        )*
    };
}

stand_ins! {
    snd_card_next snd_config_update snd_config_update_free_global snd_ctl_card_info snd_ctl_card_info_free
    snd_ctl_card_info_get_name snd_ctl_card_info_malloc snd_ctl_close snd_ctl_open snd_ctl_pcm_info
    snd_ctl_pcm_next_device snd_device_name_free_hint snd_device_name_get_hint snd_device_name_hint
    snd_pcm_avail_delay snd_pcm_bytes_to_frames snd_pcm_close snd_pcm_format_physical_width
    snd_pcm_get_params snd_pcm_hw_params snd_pcm_hw_params_any snd_pcm_hw_params_can_resume
    snd_pcm_hw_params_copy snd_pcm_hw_params_current snd_pcm_hw_params_free
    snd_pcm_hw_params_get_buffer_size_max snd_pcm_hw_params_get_channels_max
    snd_pcm_hw_params_get_channels_min snd_pcm_hw_params_get_period_size
    snd_pcm_hw_params_get_period_size_max snd_pcm_hw_params_get_period_size_min
    snd_pcm_hw_params_get_rate_max snd_pcm_hw_params_get_rate_min snd_pcm_hw_params_malloc
    snd_pcm_hw_params_set_access snd_pcm_hw_params_set_buffer_size_near snd_pcm_hw_params_set_channels
    snd_pcm_hw_params_set_format snd_pcm_hw_params_set_period_size_near snd_pcm_hw_params_set_rate
    snd_pcm_hw_params_supports_audio_ts_type snd_pcm_hw_params_test_channels snd_pcm_hw_params_test_format
    snd_pcm_hw_params_test_rate snd_pcm_info snd_pcm_info_free snd_pcm_info_get_name
    snd_pcm_info_get_stream snd_pcm_info_malloc snd_pcm_info_set_device snd_pcm_info_set_stream
    snd_pcm_info_set_subdevice snd_pcm_open snd_pcm_pause snd_pcm_poll_descriptors
    snd_pcm_poll_descriptors_count snd_pcm_poll_descriptors_revents snd_pcm_prepare snd_pcm_resume
    snd_pcm_start snd_pcm_state snd_pcm_status snd_pcm_status_get_audio_htstamp snd_pcm_status_get_htstamp
    snd_pcm_status_get_state snd_pcm_status_get_trigger_htstamp snd_pcm_status_set_audio_htstamp_config
    snd_pcm_status_sizeof snd_pcm_sw_params snd_pcm_sw_params_current snd_pcm_sw_params_free
    snd_pcm_sw_params_malloc snd_pcm_sw_params_set_avail_min snd_pcm_sw_params_set_start_threshold
    snd_pcm_sw_params_set_tstamp_mode snd_pcm_sw_params_set_tstamp_type snd_pcm_writei
}

/// Where the functions are. Until they are found, every place leads to [`too_early`].
static TABLE: [AtomicPtr<c_void>; NAMES.len()] =
    [const { AtomicPtr::new(too_early as extern "C" fn() as *mut c_void) }; NAMES.len()];

/// Nothing opens the ALSA host before [`find`] has succeeded, so nobody comes here. Going on would be worse than stopping.
extern "C" fn too_early() {
    std::process::abort();
}

/// How the library reports each mishap, with a format and what belongs into it after.
type ErrorReporter = extern "C" fn(*const c_char, c_int, *const c_char, c_int, *const c_char);

/// Without this the library writes to standard error by itself. The caller removes the arguments, those left out here too.
extern "C" fn keep_quiet(_: *const c_char, _: c_int, _: *const c_char, _: c_int, _: *const c_char) {}

/// The library of JACK: ALSA's plugin for it loads it, and then it writes to standard error by itself.
const JACK: &str = "libjack.so.0";

/// What JACK calls with a message.
type JackLog = extern "C" fn(*const c_char);

extern "C" fn keep_jack_quiet(_: *const c_char) {}

/// Lets JACK's library keep its messages to itself, where there is one. What it can't do is reported by ALSA's results.
fn quiet_jack() {
    // SAFETY: as in [`load`]; ALSA would load the same library a moment later.
    let Ok(library) = (unsafe { Library::new(JACK) }) else { return };
    for name in ["jack_set_error_function", "jack_set_info_function"] {
        // SAFETY: the type is that of jack/jack.h.
        if let Ok(tell) = unsafe { library.get::<extern "C" fn(JackLog)>(name.as_bytes()) } {
            tell(keep_jack_quiet);
        }
    }
    // It must be the one that ALSA gets.
    std::mem::forget(library);
}

/// Finds the library and every function in it, once. Says why that failed, in the words of the system.
pub(super) fn find() -> Result<(), &'static str> {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    FOUND.get_or_init(load).as_ref().copied().map_err(String::as_str)
}

fn load() -> Result<(), String> {
    if cfg!(target_feature = "crt-static") {
        return Err("this build of chronus is static".to_owned());
    }
    // SAFETY: what the library does when it is loaded is up to it; every program that plays by ALSA relies on it.
    let library = unsafe { Library::new(LIBRARY) }
        .map_err(|error| error.source().map_or_else(|| error.to_string(), ToString::to_string))?;
    for (place, name) in TABLE.iter().zip(NAMES) {
        // SAFETY: only the address is taken here. The callers declare the types of the library's own header.
        let function = unsafe { library.get::<*mut c_void>(name.as_bytes()) };
        let function = function.map_or(ptr::null_mut(), |function| *function);
        if function.is_null() {
            return Err(format!("{LIBRARY} is too old: it has no {name}"));
        }
        place.store(function, Ordering::Release);
    }
    // SAFETY: the type is that of alsa/error.h but for the dots in `ErrorReporter`. On both processors such a call passes the first five
    // arguments as any other does, and the caller clears the stack.
    if let Ok(report_to) =
        unsafe { library.get::<extern "C" fn(ErrorReporter) -> c_int>(b"snd_lib_error_set_handler") }
    {
        report_to(keep_quiet);
    }
    quiet_jack();
    // The functions must stay for as long as the program runs.
    std::mem::forget(library);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NAMES, TABLE, find};

    #[test]
    fn places_are_filled_where_the_library_is() {
        assert!(NAMES.is_sorted());
        if find().is_err() {
            eprintln!("skipped: no ALSA on this machine");
            return;
        }
        let first = TABLE[0].load(std::sync::atomic::Ordering::Acquire);
        assert!(TABLE[1..].iter().all(|place| place.load(std::sync::atomic::Ordering::Acquire) != first));
    }
}
