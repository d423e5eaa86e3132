#pragma once

#include <csignal>

namespace headroom::net {

/// Keeps every signal away from the calling thread: SIGTERM belongs to the main thread, and a library that
/// writes to a socket whose peer has gone gets EPIPE instead of a SIGPIPE that would end the process.
inline void block_signals_in_this_thread() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace headroom::net
