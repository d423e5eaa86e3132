#pragma once

namespace headroom::app {

/// Takes 48 MiB of memory for the calling thread's heap at once, in huge pages where the kernel has them, and
/// keeps what is freed there. An event writes some 600 KB of records and messages, most of it for a moment:
/// left to itself the heap gives its end back and asks for it again, and each page is then fetched in the
/// middle of the event (README, figures). Once in a process; further calls do nothing. Call it from the
/// thread that carries events, before it does.
void keep_heap_at_hand();

}  // namespace headroom::app
