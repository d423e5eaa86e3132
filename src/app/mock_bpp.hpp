#pragma once

#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "app/provider_house.hpp"
#include "core/settings.hpp"

#include <memory>

namespace headroom::app {

/// Simulated providers at /mock-bpp of a control room that is not itself simulated (`serve --mock-bpp`). They
/// know the room as a buyer; the room asks them only when they are named among its providers.
class MockBpp {
  public:
    /// Opens their order book below the data directory and has the room mount them. Errors: as
    /// `ProviderHouse::open`.
    [[nodiscard]] static Result<std::unique_ptr<MockBpp>> open(asio::io_context& context,
                                                               const Settings& settings,
                                                               ControlRoomOptions& options);
    /// Once the room is open: its address and its key.
    Result<void> connect(const ControlRoom& room, const Settings& settings);

  private:
    explicit MockBpp(std::unique_ptr<ProviderHouse> house) : house_(std::move(house)) {}
    std::unique_ptr<ProviderHouse> house_;
};

/// `headroom serve --mock-bpp`
int run_serve_with_mock_bpp(const ServeCommand& command);

}  // namespace headroom::app
