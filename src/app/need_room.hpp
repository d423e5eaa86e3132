#pragma once

#include "agents/catalog_publisher.hpp"
#include "agents/challenge_answers.hpp"
#include "agents/key_resolver.hpp"
#include "agents/need_dispatch.hpp"
#include "agents/need_market.hpp"
#include "app/control_room.hpp"
#include "core/settings.hpp"
#include "net/http_client.hpp"

#include <memory>
#include <vector>

namespace headroom::app {

/// The operator's own needs beside a control room: their routes, their keys, their market, where they are
/// published, and what their contracts have our devices do; and the answers to the challenges of the registry
/// that is to list us. Lives as long as the room.
class NeedRoom {
  public:
    NeedRoom() = default;
    NeedRoom(const NeedRoom&) = delete;
    NeedRoom& operator=(const NeedRoom&) = delete;

    /// Has the room serve our routes, behind those that `options` mounts already. Before the room is opened.
    void prepare(ControlRoomOptions& options, const Settings& settings);
    /// Once the room is open: reads keys, then takes up what a former run left, on the room's thread.
    /// Errors: of the key files.
    Result<void> connect(ControlRoom& room);
    /// What a former run left could not be read; nothing while it is well.
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
    [[nodiscard]] agents::NeedMarket* market() { return is_ready_ ? market_.get() : nullptr; }

  private:
    Awaitable<void> take_up();
    void open_dispatch(ControlRoom& room);
    void open_publishers(ControlRoom& room, const beckn::Signer& signer, const std::string& address);
    void tell_change();
    Result<void> answer_challenges(ControlRoom& room, const beckn::Signer& signer);

    BecknSettings settings_;
    std::string host_;
    ControlRoom* room_ = nullptr;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<agents::KeyResolver> keys_;
    std::unique_ptr<agents::ChallengeAnswers> challenges_;  // where a registry is configured
    std::unique_ptr<agents::NeedMarket> market_;
    std::unique_ptr<agents::NeedDispatch> dispatch_;
    std::vector<std::unique_ptr<agents::CatalogPublisher>> publishers_;  // one for each discovery service
    std::optional<Error> fault_;
    bool is_ready_ = false;
};

}  // namespace headroom::app
