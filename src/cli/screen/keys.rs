//! Keys, and what they say to the session: the same messages that anybody else would send.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::cli::screen::draw::ScreenState;
use crate::cli::screen::scene::Scene;
use crate::osc::message::{Arg, Message};

/// What the last row says of them.
pub(super) const HELP: &str =
    " space play/stop  ↑↓ track  m mute  s solo  n/b section  a auto  p panic  q quit";

/// What a key wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyAction {
    /// Nothing, or nothing but another look.
    Nothing,
    /// Something of the session.
    Say(Message),
    /// To end.
    Quit,
}

/// What `key` wants while `scene` is seen.
pub(crate) fn wanted(key: KeyEvent, scene: &Scene, choice: &mut ScreenState) -> KeyAction {
    if key.kind == KeyEventKind::Release {
        return KeyAction::Nothing;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return if key.code == KeyCode::Char('c') { KeyAction::Quit } else { KeyAction::Nothing };
    }
    let chosen = scene.tracks.get(choice.track);
    let switch = |address: &str, on: bool| match chosen {
        Some(track) => KeyAction::Say(Message::new(address, [Arg::from(track.id.as_str()), Arg::Bool(!on)])),
        None => KeyAction::Nothing,
    };
    let plain = |address: &str| KeyAction::Say(Message::new(address, []));
    let goto = |bar: u32| KeyAction::Say(Message::new("/seq/goto", [Arg::Int(bar as i32)]));
    match key.code {
        KeyCode::Char(' ') => plain(if scene.playing && !scene.over { "/seq/stop" } else { "/seq/start" }),
        KeyCode::Up | KeyCode::Char('k') => {
            choice.track = choice.track.saturating_sub(1);
            KeyAction::Nothing
        }
        KeyCode::Down | KeyCode::Char('j') => {
            choice.track = (choice.track + 1).min(scene.tracks.len().saturating_sub(1));
            KeyAction::Nothing
        }
        KeyCode::Char('m') => switch("/seq/mute", chosen.is_some_and(|track| track.muted)),
        KeyCode::Char('s') => switch("/seq/solo", chosen.is_some_and(|track| track.solo)),
        KeyCode::Char('n') => goto(scene.next_section),
        KeyCode::Char('b') => goto(scene.last_section),
        KeyCode::Char('a') => plain("/engine/auto"),
        KeyCode::Char('p') => plain("/engine/panic"),
        KeyCode::Char('q') => KeyAction::Quit,
        _ => KeyAction::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::{KeyAction, wanted};
    use crate::cli::screen::draw::ScreenState;
    use crate::cli::screen::scene::{Scene, SceneTrack};
    use crate::osc::message::{Arg, Message};

    fn pressed(code: KeyCode, scene: &Scene, choice: &mut ScreenState) -> KeyAction {
        wanted(KeyEvent::new(code, KeyModifiers::NONE), scene, choice)
    }

    #[test]
    fn keys_say_what_messages_say() {
        let track = |id: &str, muted| SceneTrack { id: id.to_owned(), muted, ..SceneTrack::default() };
        let tracks = vec![track("kick", false), track("bass", true)];
        let scene = Scene { tracks, playing: true, next_section: 9, last_section: 1, ..Scene::default() };
        let mut choice = ScreenState::default();
        let said = |address: &str, args: Vec<Arg>| KeyAction::Say(Message::new(address, args));
        let key = |code, choice: &mut ScreenState| pressed(code, &scene, choice);
        let mute = |id: &str, on| said("/seq/mute", vec![Arg::from(id), Arg::Bool(on)]);
        assert_eq!(key(KeyCode::Char('m'), &mut choice), mute("kick", true));
        assert_eq!(key(KeyCode::Down, &mut choice), KeyAction::Nothing);
        assert_eq!(key(KeyCode::Down, &mut choice), KeyAction::Nothing);
        assert_eq!(key(KeyCode::Char('m'), &mut choice), mute("bass", false));
        assert_eq!(
            key(KeyCode::Char('s'), &mut choice),
            said("/seq/solo", vec![Arg::from("bass"), Arg::Bool(true)])
        );
        assert_eq!(key(KeyCode::Char('n'), &mut choice), said("/seq/goto", vec![Arg::Int(9)]));
        assert_eq!(key(KeyCode::Char('b'), &mut choice), said("/seq/goto", vec![Arg::Int(1)]));
        assert_eq!(key(KeyCode::Char(' '), &mut choice), said("/seq/stop", vec![]));
        assert_eq!(key(KeyCode::Char('p'), &mut choice), said("/engine/panic", vec![]));
        assert_eq!(key(KeyCode::Char('q'), &mut choice), KeyAction::Quit);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(wanted(interrupt, &scene, &mut choice), KeyAction::Quit);
        let silent = Scene::default();
        assert_eq!(pressed(KeyCode::Char('m'), &silent, &mut choice), KeyAction::Nothing);
        assert_eq!(pressed(KeyCode::Char(' '), &silent, &mut choice), said("/seq/start", vec![]));
    }
}
