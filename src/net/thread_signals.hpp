#pragma once

#include <csignal>

#include <pthread.h>

namespace headroom::net {

/// Keeps every signal away from the calling thread: SIGTERM belongs to the main thread, and a library that
/// writes to a socket whose peer has gone gets EPIPE instead of a SIGPIPE that would end the process.
inline void block_signals_in_this_thread() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// What `top` and `perf` call the calling thread; at most 15 characters.
inline void name_this_thread(const char* name) {
    static_cast<void>(pthread_setname_np(pthread_self(), name));  // refused: it keeps the process's name
}

}  // namespace headroom::net
