# The headers that most files read, parsed once. Of ours those that nearly every file of a room reads anyway: a change in
# one of them makes these rooms anew. A file still includes what it uses: the dev preset builds without, and so may those
# who share a compiler cache among several folders (HEADROOM_PCH=OFF, here or in the environment).
set(headroom_pch_default ON)
if(DEFINED ENV{HEADROOM_PCH})
  set(headroom_pch_default "$ENV{HEADROOM_PCH}")
endif()
option(HEADROOM_PCH "parse the headers of libraries once" ${headroom_pch_default})

set(headroom_pch_headers
  <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <condition_variable> <coroutine> <cstdint> <cstring> <deque>
  <filesystem> <fstream> <functional> <iostream> <limits> <map> <memory> <mutex> <numeric> <optional> <set> <span> <sstream>
  <string> <string_view> <system_error> <thread> <tuple> <unordered_map> <utility> <variant> <vector> <fmt/format.h>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
  <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
  core/async.hpp core/clock.hpp core/ids.hpp core/json.hpp core/reflect_json.hpp core/result.hpp core/time.hpp core/units.hpp)
list(TRANSFORM headroom_pch_headers REPLACE "^core/" "${CMAKE_SOURCE_DIR}/src/core/")

# headroom_precompiled(TARGET LIBRARIES HEADERS...): an object library that others take their headers from.
function(headroom_precompiled target libraries)
  if(HEADROOM_PCH)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/${target}.cpp" CONTENT "// See cmake/Precompiled.cmake.\n")
    add_library(${target} OBJECT "${CMAKE_BINARY_DIR}/generated/${target}.cpp")
    target_link_libraries(${target} PRIVATE headroom_flags ${libraries})
    # Without the time in it, the compiler cache knows it again.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

function(headroom_use_precompiled target from)
  if(HEADROOM_PCH)
    target_precompile_headers(${target} REUSE_FROM ${from})
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

headroom_precompiled(headroom_pch headroom::dep::core ${headroom_pch_headers})
# The upper rooms read most of the house: what half of their files read. (CMake does not make one of these anew when only
# its list changed: remove CMakeFiles/headroom_pch* from the build then.)
set(headroom_pch_agents_headers ${headroom_pch_headers}
  agents/dispatch.hpp agents/flex_orchestration.hpp agents/journal.hpp agents/market.hpp agents/programmes.hpp
  beckn/envelope.hpp core/log.hpp core/settings.hpp flex/rules.hpp monitor/monitor.hpp net/http_server.hpp)
list(TRANSFORM headroom_pch_agents_headers REPLACE "^([a-z]+/[a-z_]+\\.hpp)$" "${CMAKE_SOURCE_DIR}/src/\\1")
headroom_precompiled(headroom_pch_agents "headroom::dep::core;headroom::dep::net" ${headroom_pch_agents_headers})
headroom_precompiled(headroom_pch_doors "headroom::dep::core;headroom::dep::net" ${headroom_pch_agents_headers}
  "${CMAKE_SOURCE_DIR}/src/api/operation.hpp" "${CMAKE_SOURCE_DIR}/src/desk/desk.hpp")
