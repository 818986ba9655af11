//! What is heard of a song: notes on their frames, voices, levels, loops, latency, sleep, tails.

mod automation;

mod blow_ups;

mod controls;

mod worker_pool;

mod late;

mod library;

mod listen;

mod notes;

mod performance;

mod routes;

mod sections;

mod shape;

mod studio;

mod tuning;
