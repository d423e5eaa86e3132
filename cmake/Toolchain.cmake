set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR
    "Headroom is built with clang 16 (g++ 12 miscompiles coroutines, docs/adr/0005-compiler.md). "
    "Use a preset: cmake --preset release")
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache asks for before it keeps files that read precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" "${CCACHE_PROGRAM}")
endif()

add_library(headroom_flags INTERFACE)
target_include_directories(headroom_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(headroom_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -ffp-contract=off
  # Tests are compiled many times and run once.
  $<$<CONFIG:Release>:$<IF:$<BOOL:$<TARGET_PROPERTY:HEADROOM_IS_TEST>>,-O0,$<IF:$<BOOL:$<TARGET_PROPERTY:HEADROOM_IS_HOT>>,-O3,-O2>>>
  # Rooms whose code runs once an event or a request: called instead of written into its coroutines it runs as fast there,
  # and takes a quarter less time to compile (docs/adr/0005-compiler.md).
  "$<$<AND:$<CONFIG:Release>,$<BOOL:$<TARGET_PROPERTY:HEADROOM_INLINES_LITTLE>>>:SHELL:-mllvm -inline-threshold=40>"
  $<$<CONFIG:Release>:-g1>
  # The sanitizers' passes over optimised code take three times as long as the tests that they are for.
  $<$<CONFIG:Debug>:$<IF:$<AND:$<STREQUAL:${HEADROOM_SANITIZE},address>,$<NOT:$<BOOL:${HEADROOM_FUZZ}>>,$<NOT:$<BOOL:$<TARGET_PROPERTY:HEADROOM_IS_OPTIMISED>>>>,-O0 -g1,-O1 -g>>)
target_compile_definitions(headroom_flags INTERFACE
  HEADROOM_VERSION="${PROJECT_VERSION}" BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_options(headroom_flags INTERFACE -fuse-ld=lld)

if(HEADROOM_SANITIZE STREQUAL "address")
  target_compile_options(headroom_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(headroom_flags INTERFACE -fsanitize=address,undefined)
elseif(HEADROOM_SANITIZE STREQUAL "thread")
  target_compile_options(headroom_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(headroom_flags INTERFACE -fsanitize=thread)
endif()
if(HEADROOM_FUZZ)
  target_compile_options(headroom_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(HEADROOM_TIDY)
  find_program(CLANG_TIDY NAMES clang-tidy-16 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${CLANG_TIDY};--quiet")
endif()
