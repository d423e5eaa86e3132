#pragma once

#include "app/cli_parts.hpp"

#include <memory>
#include <string>

namespace headroom::app {

/// One command about a running server, below a group: its options live as long as its callback. `Command` has
/// a member `server` and a member `reason`.
template <class Command>
class ServerVerb {
  public:
    using Run = int (*)(const Command&);

    ServerVerb(CLI::App& group, Action& action, const char* name, const char* about, Run run)
        : command_(*group.add_subcommand(name, about)), held_(std::make_shared<Held>()) {
        held_->flags.add_to(command_);
        add_server_options(command_, held_->options.server);
        command_.callback([&action, held = held_, run] {
            action = [held, run] {
                held->options.server.sources = held->flags.sources();
                return run(held->options);
            };
        });
    }
    CLI::App* operator->() { return &command_; }
    [[nodiscard]] Command& options() { return held_->options; }
    ServerVerb& with_reason() {
        command_.add_option("--reason", options().reason, "Why, for the audit log")->required();
        return *this;
    }
    void examples(const std::string& lines) { command_.footer("Example:\n" + lines); }

  private:
    struct Held {
        Command options;
        SettingsFlags flags;
    };
    CLI::App& command_;
    std::shared_ptr<Held> held_;
};

}  // namespace headroom::app
