#include "agents/reservation_book.hpp"

#include "contract/store/temp_dir.hpp"
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace headroom::agents {
namespace {

const UtcTime first_delivery = parse_utc("2026-01-15T12:00:00Z").value();

store::Reservation of_der(const std::string& der, int period, const std::string& contract,
                          std::int64_t watts) {
    return {.der = der,
            .turn_up = watts % 2 == 0,
            .period = first_delivery + period_length * period,
            .power = Watts{watts},
            .contract = contract,
            .fence = static_cast<std::uint64_t>(watts),
            .lease_until = first_delivery + hours{1 + watts % 5}};
}

bool are_equal(const std::vector<store::Reservation>& a, const std::vector<store::Reservation>& b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(), [](const store::Reservation& x, const store::Reservation& y) {
            return x.der == y.der && x.turn_up == y.turn_up && x.period == y.period && x.power == y.power &&
                   x.contract == y.contract && x.fence == y.fence && x.lease_until == y.lease_until;
        });
}

/// Drawn conversations with a real store: wherever the book says that it knows, it says what the store says.
TEST(ReservationBookTest, SaysWhatTheStoreSays) {
    const store::TempDir folder;
    const auto records = store::open_sqlite_records(folder.path() / "records.db").value();
    ReservationBook book;
    const Random random(17);
    std::uint64_t drawn = 0;
    const auto draw = [&](int n) {
        return static_cast<int>(random.below(static_cast<std::uint64_t>(n), 0, drawn++));
    };
    const std::vector<std::string> ders{"D-1", "D-2", "D-3", "D-4"};
    const std::vector<std::string> contracts{"t-1", "t-2", "t-3", "t-4", "t-5"};
    UtcTime now = first_delivery;
    int known = 0;
    int refused = 0;
    for (int turn = 0; turn < 2'000; ++turn) {
        const std::string& der = ders[static_cast<std::size_t>(draw(4))];
        const std::string& contract = contracts[static_cast<std::size_t>(draw(5))];
        switch (draw(5)) {
            case 0:
                book.learn(der, records->reservations(der, now).value());
                break;
            case 1:
            case 2: {
                std::vector<store::Reservation> wanted;
                for (int i = 1 + draw(4); i > 0; --i) {
                    wanted.push_back(of_der(draw(2) == 0 ? der : ders[0], draw(3), contract, 1 + draw(9)));
                }
                const std::set<std::string> writing = book.begin_writing(wanted);
                EXPECT_FALSE(book.knows(wanted[0].der));
                const Result<void> reserved =
                    records->reserve(wanted, std::vector<Watts>(wanted.size(), Watts{40}), now);
                book.end_writing(writing);
                if (reserved) {
                    book.add(wanted);
                } else {
                    ++refused;
                }
                break;
            }
            case 3: {
                const std::set<std::string> writing = book.begin_writing(contract);
                ASSERT_TRUE(records->release(contract).has_value());
                book.end_writing(writing);
                book.release(contract);
                break;
            }
            default:
                now += minutes{draw(3)};
        }
        for (const std::string& each : ders) {
            if (book.knows(each)) {
                ++known;
                ASSERT_TRUE(are_equal(book.of(each, now), records->reservations(each, now).value()))
                    << each << " in turn " << turn;
            }
        }
    }
    EXPECT_GT(known, 4'000);
    EXPECT_GT(refused, 10);
}

TEST(ReservationBookTest, DoesNotKnowWhatItWasNotTold) {
    ReservationBook book;
    EXPECT_FALSE(book.knows("D-1"));
    book.add({of_der("D-1", 0, "t-1", 5)});  // what else there is of it, the store alone has
    EXPECT_FALSE(book.knows("D-1"));
    EXPECT_TRUE(book.of("D-1", first_delivery).empty());
    book.learn("D-1", {});
    EXPECT_TRUE(book.knows("D-1"));
}

TEST(ReservationBookTest, ForgetsContractsThatNobodyReleases) {
    ReservationBook book;
    book.learn("D-1", {});
    book.learn("D-2", {});
    book.add({of_der("D-1", 0, "t-1", 5), of_der("D-2", 0, "t-1", 5), of_der("D-1", 0, "t-2", 4)});
    EXPECT_EQ(book.contracts(), 2U);
    const UtcTime later = first_delivery + hours{3};  // the leases of t-1 were over after an hour
    EXPECT_EQ(book.of("D-1", later).size(), 1U);
    EXPECT_EQ(book.contracts(), 2U);  // D-2 was not asked for
    EXPECT_TRUE(book.of("D-2", later).empty());
    EXPECT_EQ(book.contracts(), 1U);
    EXPECT_TRUE(book.of("D-1", first_delivery + hours{6}).empty());
    EXPECT_EQ(book.contracts(), 0U);
}

}  // namespace
}  // namespace headroom::agents
