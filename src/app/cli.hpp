#pragma once

namespace headroom::app {

/// The command line: parses, calls, answers the process's exit code. 0 done · 1 the work says no · 2 wrong
/// usage · 65 damaged data · 66 acknowledged data gone · 74 the disk failed.
int run(int argc, char** argv);

}  // namespace headroom::app
