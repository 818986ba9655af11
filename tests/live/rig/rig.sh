#!/usr/bin/env bash
# Sound servers without a sound card, for tests/live: each with its own name, sockets and pid file. Starting and stopping can be
# repeated and touch no server of anybody else.
#   rig.sh have jack|pulse      whether it is installed
#   rig.sh start jack|pulse     rig.sh stop jack|pulse     rig.sh kill jack|pulse
# RIG_DIR is the folder of its state. RIG_RATE=48000 RIG_PERIOD=256. RIG_SYNC=1: the server waits for a program that is late.
set -u
: "${RIG_DIR:?the folder of its state}"
rate=${RIG_RATE:-48000}
period=${RIG_PERIOD:-256}
mkdir -p "$RIG_DIR" && chmod 700 "$RIG_DIR"
export XDG_RUNTIME_DIR=$RIG_DIR HOME=$RIG_DIR
export JACK_DEFAULT_SERVER=chronus-$(basename "$RIG_DIR") JACK_NO_START_SERVER=1 JACK_NO_AUDIO_RESERVATION=1
export PULSE_SERVER=unix:$RIG_DIR/pulse.sock PULSE_COOKIE=$RIG_DIR/cookie

alive() { [ -f "$RIG_DIR/$1.pid" ] && kill -0 "$(cat "$RIG_DIR/$1.pid")" 2>/dev/null; }

# launch NAME COMMAND...: with a session, a log and a pid file of its own.
launch() {
    local name=$1
    shift
    setsid "$@" >"$RIG_DIR/$name.log" 2>&1 </dev/null &
    echo $! >"$RIG_DIR/$name.pid"
}

# await NAME TEST...: until it answers, for 15 s at the most.
await() {
    local name=$1
    shift
    for _ in $(seq 150); do
        timeout 2 "$@" >/dev/null 2>&1 && return 0
        alive "$name" || break
        sleep 0.1
    done
    echo "$name did not come up:" >&2
    tail -n 20 "$RIG_DIR/$name.log" >&2
    return 1
}

# halt NAME SIGNAL: and with force after 3 s.
halt() {
    if alive "$1"; then
        local pid
        pid=$(cat "$RIG_DIR/$1.pid")
        kill "-$2" "$pid"
        for _ in $(seq 30); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -0 "$pid" 2>/dev/null && kill -9 "$pid"
    fi
    rm -f "$RIG_DIR/$1.pid"
}

case "${1-} ${2-}" in
'have jack') command -v jackd && command -v jack_wait && ls /usr/lib*/*/alsa-lib/libasound_module_pcm_jack.so \
    /usr/lib*/alsa-lib/libasound_module_pcm_jack.so 2>/dev/null | grep -q . ;;
'have pulse') command -v pulseaudio && command -v pactl && command -v parec ;;
'start jack')
    alive jack && exit 0
    [ "${RIG_SYNC:-0}" = 1 ] && set -- -S || set --
    launch jack jackd -n "$JACK_DEFAULT_SERVER" -r "$@" -t 5000 -d dummy -r "$rate" -p "$period"
    await jack jack_wait -s "$JACK_DEFAULT_SERVER" -w -t 1
    ;;
'start pulse')
    alive pulse && exit 0
    cat >"$RIG_DIR/pulse.pa" <<PA
load-module module-null-sink sink_name=chronus rate=$rate channels=2 format=float32le norewinds=1
load-module module-native-protocol-unix socket=$RIG_DIR/pulse.sock auth-anonymous=1
set-default-sink chronus
PA
    launch pulse pulseaudio -n -F "$RIG_DIR/pulse.pa" --daemonize=no --use-pid-file=no --exit-idle-time=-1 \
        --disable-shm=yes --resample-method=copy
    await pulse pactl info
    ;;
'stop jack' | 'stop pulse') halt "$2" TERM ;;
'kill jack' | 'kill pulse') halt "$2" KILL ;;
*)
    sed -n 2,6p "$0" >&2
    exit 2
    ;;
esac
