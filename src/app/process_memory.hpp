#pragma once

namespace headroom::app {

/// Takes 48 MiB of memory for the calling thread's heap at once, in huge pages where the kernel has them, and
/// keeps what is freed there; fetches the program's code. An event writes some 600 KB of records and
/// messages, most of it for a moment: left to itself the heap gives its end back and asks for it again, and
/// each page is then fetched in the middle of the event. The first event after a start fetches its code page
/// by page as well, from the disk where nobody has read it yet.
///
/// Once in a process; further calls do nothing. Call it from the thread that carries events, before it does.
/// What the kernel refuses is left as it was.
void keep_memory_at_hand();

}  // namespace headroom::app
