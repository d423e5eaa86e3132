# cmake -DOUT=file.cpp -DSOURCE=folder -DBUILD_TYPE=… -P WriteCommit.cmake: what git says of the folder, as C++.
set(commit "")
set(modified "false")
find_program(git git)
if(git AND EXISTS "${SOURCE}/.git")  # not the repository of somebody who holds a copy of ours
  execute_process(COMMAND "${git}" -C "${SOURCE}" rev-parse --verify HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(commit "")
  else()
    execute_process(COMMAND "${git}" -C "${SOURCE}" diff --quiet HEAD -- RESULT_VARIABLE differs ERROR_QUIET)
    if(differs)
      set(modified "true")
    endif()
  endif()
endif()
set(text "// Made by cmake/WriteCommit.cmake; do not edit.
#include \"app/version.hpp\"

namespace headroom::app {

BuildInfo build_info() {
    return {\"${commit}\", ${modified}, \"${BUILD_TYPE}\"};
}

}  // namespace headroom::app
")
set(before "")
if(EXISTS "${OUT}")
  file(READ "${OUT}" before)
endif()
if(NOT before STREQUAL text)
  file(WRITE "${OUT}" "${text}")
endif()
