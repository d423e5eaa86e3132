# The pages of web/ are built with npm and become a source of headroom_api; again when one of their files changes.
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/src/*" "${CMAKE_SOURCE_DIR}/web/public/*")
list(FILTER web_sources EXCLUDE REGEX "\\.test\\.tsx?$")
set(web_out "${CMAKE_BINARY_DIR}/generated/web")
add_custom_command(
  OUTPUT "${web_out}/web_files.cpp"
  BYPRODUCTS "${web_out}/web_files.bin"
  COMMAND "${CMAKE_SOURCE_DIR}/scripts/build_web" "${web_out}"
  DEPENDS
    ${web_sources}
    "${CMAKE_SOURCE_DIR}/web/index.html"
    "${CMAKE_SOURCE_DIR}/web/package-lock.json"
    "${CMAKE_SOURCE_DIR}/web/vite.config.ts"
    "${CMAKE_SOURCE_DIR}/web/tsconfig.json"
    "${CMAKE_SOURCE_DIR}/web/scripts/embed.mjs"
    "${CMAKE_SOURCE_DIR}/scripts/build_web"
  COMMENT "building the pages")
get_target_property(api_kind headroom_api TYPE)
if(NOT api_kind STREQUAL "INTERFACE_LIBRARY")
  target_sources(headroom_api PRIVATE "${web_out}/web_files.cpp")
  set_source_files_properties("${web_out}/web_files.cpp" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()
