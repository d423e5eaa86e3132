#include "app/run_openapi.hpp"

#include "api/openapi.hpp"
#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "app/need_room.hpp"
#include "app/provider_house.hpp"
#include "core/log.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

namespace headroom::app {
namespace {

/// A folder of our own that goes with the object.
class Scratch {
  public:
    Scratch() : path_((std::filesystem::temp_directory_path() / "headroom-openapi-XXXXXX").string()) {
        if (mkdtemp(path_.data()) == nullptr) {
            path_.clear();
        }
    }
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, ignored);
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace

int run_openapi() {
    const Scratch scratch;
    if (scratch.path().empty()) {
        std::cerr << "headroom openapi: no scratch folder can be made in "
                  << std::filesystem::temp_directory_path().string() << "\n";
        return 74;
    }
    log::set_level(log::Level::error);
    asio::io_context& context = *new asio::io_context(1);
    ControlRoomOptions options;
    options.data_dir = std::filesystem::path(scratch.path()) / "data";
    ProviderHouseOptions house;
    house.data_dir = options.data_dir / "sim";
    Result<std::unique_ptr<ProviderHouse>> providers = ProviderHouse::open(context, std::move(house));
    if (!providers) {
        std::cerr << "headroom openapi: " << providers.error().message << "\n";
        return exit_code_of(providers.error());
    }
    ProviderHouse* const simulated = providers->release();
    options.mount = [simulated](net::HttpServer& server) { simulated->providers().mount(server); };
    NeedRoom needs;
    needs.prepare(options, {});
    Result<std::unique_ptr<ControlRoom>> room = ControlRoom::open(context, std::move(options));
    if (!room) {
        std::cerr << "headroom openapi: " << room.error().message << "\n";
        return exit_code_of(room.error());
    }
    // Never started, and not taken apart: the process ends here.
    std::cout << json::write_pretty(api::openapi_document(room->release()->server().routes()));
    return 0;
}

}  // namespace headroom::app
