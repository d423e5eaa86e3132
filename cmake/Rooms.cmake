# headroom_room(NAME [LINKS target...]): src/NAME as the static library headroom_NAME, linked to every room
# declared before it. A folder without sources is an interface library, so that a room can begin as headers.
set_property(GLOBAL PROPERTY HEADROOM_ROOMS "")

function(headroom_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  get_property(below GLOBAL PROPERTY HEADROOM_ROOMS)
  set(target "headroom_${name}")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC headroom_flags ${below} ${ROOM_LINKS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE headroom_flags ${below} ${ROOM_LINKS})
  endif()
  list(PREPEND below ${target})
  set_property(GLOBAL PROPERTY HEADROOM_ROOMS "${below}")
endfunction()
