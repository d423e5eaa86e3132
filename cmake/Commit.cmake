# The commit that is built, as a source of headroom_app. It is looked up in every build and written only when it changed.
set(commit_source "${CMAKE_BINARY_DIR}/generated/build_info.cpp")
add_custom_target(headroom_commit
  COMMAND "${CMAKE_COMMAND}" "-DOUT=${commit_source}" "-DSOURCE=${CMAKE_SOURCE_DIR}" "-DBUILD_TYPE=${CMAKE_BUILD_TYPE}"
          -P "${CMAKE_SOURCE_DIR}/cmake/WriteCommit.cmake"
  BYPRODUCTS "${commit_source}")
get_target_property(app_kind headroom_app TYPE)
if(NOT app_kind STREQUAL "INTERFACE_LIBRARY")
  target_sources(headroom_app PRIVATE "${commit_source}")
  set_source_files_properties("${commit_source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_dependencies(headroom_app headroom_commit)
endif()
