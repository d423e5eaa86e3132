// What was found stands in the log, whatever the disk says.
#include "core/log.hpp"
#include "unit/agents/orchestration_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <vector>

namespace headroom::agents {
namespace {

using test::evening;
using test::event_record;
using test::OrchestrationRoom;

/// A disk that can be full.
class Disk final : public audit::FileOps {
  public:
    int write_at(int descriptor, std::string_view bytes, std::uint64_t offset,
                 std::size_t& written) override {
        return is_full ? ENOSPC : FileOps::write_at(descriptor, bytes, offset, written);
    }
    int allocate(int descriptor, std::uint64_t offset, std::uint64_t length) override {
        return is_full ? ENOSPC : FileOps::allocate(descriptor, offset, length);
    }
    std::atomic<bool> is_full{false};
};

Awaitable<void> raise(FlexOrchestration& orchestration) {
    RaisedEvent raised;
    raised.overload = event_record("ev-20270114-aaaaaaaa", EventState::proposed).overload;
    EXPECT_TRUE((co_await orchestration.raise(std::move(raised))).has_value());
}

/// Of the event, in order.
std::vector<std::string> types_of(OrchestrationRoom& room) {
    std::vector<std::string> types;
    for (const std::uint64_t seq : room.world.log->find_corr("ev-20270114-aaaaaaaa")) {
        types.push_back(room.world.log->read(seq).value().type);
    }
    return types;
}

TEST(OrchestrationRaise, AnOverloadThatAFullDiskRefusesIsWrittenOnceThereIsRoom) {
    log::set_sink([](std::string_view) {});  // it complains, as it should
    const test::Folder folder;
    Disk disk;
    OrchestrationRoom room(folder, &disk);
    room.recover();
    disk.is_full = true;
    spawn(room.world.context.get_executor(), raise(*room.orchestration));
    room.world.settle();
    room.world.advance(minutes{3});
    EXPECT_TRUE(types_of(room).empty());

    disk.is_full = false;
    room.world.log->wake();
    for (int i = 0; i < 1'000 && !room.world.journal->healthy(); ++i) {
        room.world.context.run_for(std::chrono::milliseconds{5});
    }
    ASSERT_TRUE(room.world.journal->healthy());
    room.world.advance(minutes{3});
    const std::vector<std::string> types = types_of(room);
    ASSERT_FALSE(types.empty());
    EXPECT_EQ(types.front(), "constraint.raised") << "before anything that was decided about it";
    EXPECT_EQ(std::count(types.begin(), types.end(), "constraint.raised"), 1);
    log::set_sink({});
}

}  // namespace
}  // namespace headroom::agents
