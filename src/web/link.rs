//! The way to the session: what connections say to it and ask of it, and what they see of it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::live::control_thread::ThreadCommand;
use crate::live::session::Session;
use crate::live::view::View;
use crate::web::view_json::state;

/// How long an answer of the session is waited for; it has compiled a song by then.
const PATIENCE: Duration = Duration::from_secs(5);
/// How old what is seen may be: all connections share it.
const FRESH: Duration = Duration::from_millis(40);

/// What is seen, and when it was looked at.
type ViewSnapshot = Mutex<Option<(Instant, Arc<Map<String, Value>>)>>;

/// The way to the session, shared by all connections.
pub(super) struct SessionLink {
    say: Mutex<Sender<ThreadCommand>>,
    view: Arc<Mutex<View>>,
    seen: ViewSnapshot,
    /// Whether it is over.
    pub(super) stop: AtomicBool,
}

impl SessionLink {
    pub(super) fn new(say: Sender<ThreadCommand>, view: Arc<Mutex<View>>) -> Self {
        Self { say: Mutex::new(say), view, seen: Mutex::new(None), stop: AtomicBool::new(false) }
    }

    /// Says something; false if the session has ended.
    pub(super) fn say(&self, said: ThreadCommand) -> bool {
        self.say.lock().unwrap_or_else(PoisonError::into_inner).send(said).is_ok()
    }

    /// Looks at the session; `None` if it has ended.
    fn look<T: Send + 'static>(&self, look: impl FnOnce(&Session) -> T + Send + 'static) -> Option<T> {
        let (to, answer) = channel();
        // Who asked may have run out of patience.
        let look = move |session: &Session| drop(to.send(look(session)));
        self.say(ThreadCommand::Look(Box::new(look))).then(|| answer.recv_timeout(PATIENCE).ok())?
    }

    /// The rows of `/engine/schema`.
    pub(super) fn schema(&self) -> Option<Vec<Value>> {
        self.look(Session::schema)
    }

    /// Where controls stand, by their addresses; those that there aren't are left out.
    pub(super) fn values(&self, addresses: Vec<String>) -> Option<BTreeMap<String, Option<f64>>> {
        self.look(move |session| {
            let value = |address: String| {
                let path = address.strip_prefix("/mod/")?.replace('/', ".");
                let value = session.value(session.controls().at(&path)?);
                Some((address, value))
            };
            addresses.into_iter().filter_map(value).collect()
        })
    }

    /// The title of the song.
    pub(super) fn title(&self) -> String {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).title.clone()
    }

    /// What is seen, not older than a moment.
    pub(super) fn seen(&self) -> Arc<Map<String, Value>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, state)) = seen.as_ref().filter(|(when, _)| when.elapsed() < FRESH) {
            return Arc::clone(state);
        }
        let state = Arc::new(state(&self.view.lock().unwrap_or_else(PoisonError::into_inner)));
        *seen = Some((Instant::now(), Arc::clone(&state)));
        state
    }
}
