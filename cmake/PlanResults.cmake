# What a MILP solver found on the instances of `headroom bench plan` becomes a source of headroom_app, so that
# nobody solves them again. Made by bench/plan/solve_milp.py.
set(plan_results "${CMAKE_SOURCE_DIR}/bench/plan/milp_results.json")
set(plan_results_source "${CMAKE_BINARY_DIR}/generated/plan_results.cpp")
file(READ "${plan_results}" plan_results_text)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${plan_results}")
file(CONFIGURE OUTPUT "${plan_results_source}" @ONLY CONTENT [==[#include "app/bench_plan.hpp"

namespace headroom::app {

std::string_view plan_milp_results() {
    return R"json(@plan_results_text@)json";
}

}  // namespace headroom::app
]==])
target_sources(headroom_app PRIVATE "${plan_results_source}")
set_source_files_properties("${plan_results_source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
