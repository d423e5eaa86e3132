#pragma once

#include "app/bench_devices.hpp"
#include "app/control_room.hpp"
#include "net/broker_process.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "sim/provider.hpp"
#include "store/ahead_file.hpp"
#include "store/records.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::app {

/// Tells `result` what became of `work`.
Awaitable<void> into(Awaitable<Result<void>> work, std::optional<Result<void>>& result);

/// A whole control room that may act, with what is around it: a broker of its own, one simulated provider
/// behind a socket, and devices that answer. The provider has 40 kW of battery "D…" for every feeder that it
/// is asked about, so the network's DERs are named after their feeder's number. One thread, the real clock.
///
/// Coroutines of events stay open and refer to its parts: whoever makes one lets it live until the process
/// ends.
class BenchRoom {
  public:
    /// `patience`: how long a step of a bench may take before it has failed.
    BenchRoom(std::filesystem::path folder, seconds patience);

    Result<void> open(grid::Network network);
    /// Runs the context until `condition` holds. Errors: `timeout`, with `what` did not come.
    Result<void> run_until(const std::function<bool()>& condition, const std::string& what);
    /// Runs until nothing is under way any more.
    Result<void> rest();
    /// Stops the devices and closes the room's log.
    Result<void> finish();

    [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }
    [[nodiscard]] ControlRoom& room() { return *room_; }
    [[nodiscard]] net::HttpClient& http() { return *http_; }
    [[nodiscard]] const BenchDevices& devices() const { return *devices_; }

  private:
    Result<void> open_market();
    Result<void> open_room(grid::Network network);

    std::filesystem::path folder_;
    seconds patience_;
    asio::io_context context_;
    InFlight in_flight_;
    std::unique_ptr<DomainClock> clock_;
    std::unique_ptr<WallClock> wall_;
    std::optional<net::BrokerProcess> broker_;
    std::unique_ptr<store::Records> orders_;
    std::unique_ptr<store::AheadFile> orders_ahead_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<sim::ProviderSim> providers_;
    net::HttpServer provider_server_;
    std::unique_ptr<ControlRoom> room_;
    std::unique_ptr<BenchDevices> devices_;
};

}  // namespace headroom::app
