#include "app/mock_bpp.hpp"

#include "audit/key_file.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::app {

Result<std::unique_ptr<MockBpp>> MockBpp::open(asio::io_context& context, const Settings& settings,
                                               ControlRoomOptions& options) {
    ProviderHouseOptions house;
    house.data_dir = std::filesystem::path(settings.data.dir) / "sim";
    Result<std::unique_ptr<ProviderHouse>> opened = ProviderHouse::open(context, std::move(house));
    if (!opened) {
        return opened.error();
    }
    std::unique_ptr<MockBpp> mock(new MockBpp(std::move(*opened)));
    options.mount = [house = mock->house_.get()](net::HttpServer& server) {
        house->providers().mount(server);
    };
    return mock;
}

Result<void> MockBpp::connect(const ControlRoom& room, const Settings& settings) {
    const std::string url =
        "http://" + settings.server.host + ":" + std::to_string(room.port()) + "/mock-bpp";
    house_->providers().set_base_url(url);
    if (!settings.beckn.subscriber_id.empty()) {
        const Result<Ed25519KeyPair> key = audit::load_or_create_key(room.data_dir() / "keys" / "beckn.key");
        if (!key) {
            return key.error();
        }
        house_->providers().accept_buyer(
            {settings.beckn.subscriber_id, settings.beckn.key_id, key->public_key(), {}});
    }
    log::warn("SIMULATED providers are served", {{"url", url}});
    return {};
}

}  // namespace headroom::app
