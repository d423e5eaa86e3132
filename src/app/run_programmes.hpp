#pragma once

#include "app/run_status.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

/// `headroom programmes …`, asked of a running server.
struct ProgrammesCommand {
    StatusCommand server;
    std::string programme;
    std::string der;
    std::filesystem::path file;  ///< terms as JSON, of `set`
    std::string standing;        ///< of `enrolments`
    std::string provider;        ///< the rest is of `enrol`, `test` and `suspend`
    double power_kw = 0.0;
    std::string consent_by;
    std::string from;
    std::string until;
    std::string event;
    std::string at;
    double asked_kw = 0.0;
    double delivered_kw = 0.0;
    std::string evidence;
    std::string reason;
    bool is_dry_run = false;
};

// Exit: 0 done, 1 the server refused, 2 no answer or wrong use.
int run_programmes_list(const ProgrammesCommand& command);
int run_enrolments(const ProgrammesCommand& command);
int run_programme_set(const ProgrammesCommand& command);
int run_enrol(const ProgrammesCommand& command);
int run_enrolment_test(const ProgrammesCommand& command);
int run_enrolment_suspend(const ProgrammesCommand& command);
int run_enrolment_resume(const ProgrammesCommand& command);
int run_enrolment_withdraw(const ProgrammesCommand& command);

}  // namespace headroom::app
