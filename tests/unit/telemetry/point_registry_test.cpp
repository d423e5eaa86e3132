#include "telemetry/point_registry.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace headroom::telemetry {
namespace {

PointKey key_of(std::size_t i) {
    return {"F-" + std::to_string(i), grid::Quantity::p_kw, static_cast<grid::Phase>(i % 5)};
}

TEST(PointRegistry, APointIsPlaceQuantityAndPhase) {
    PointRegistry points;
    const PointRef sum = points.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
    const PointRef volts = points.intern({"F-1", grid::Quantity::v_v, grid::Phase::sum});
    const PointRef l1 = points.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1});
    EXPECT_EQ(points.intern({"F-1", grid::Quantity::v_v, grid::Phase::sum}), volts);
    EXPECT_EQ(points.find("F-1", grid::Quantity::p_kw, grid::Phase::sum), sum);
    EXPECT_EQ(points.find("F-1", grid::Quantity::p_kw, grid::Phase::l1), l1);
    EXPECT_EQ(points.find("F-1", grid::Quantity::p_kw, grid::Phase::l2), no_point);
    EXPECT_EQ(points.find("F-11", grid::Quantity::p_kw, grid::Phase::sum), no_point);
    EXPECT_EQ(points.find("", grid::Quantity::p_kw, grid::Phase::sum), no_point);
    EXPECT_EQ(points.size(), 3U);
    EXPECT_EQ(points.key(l1).text(), "F-1/p_kw/L1");
}

TEST(PointRegistry, IdsOfEveryLengthAreToldApart) {
    PointRegistry points;
    std::string id;
    std::vector<std::string> ids;
    for (std::size_t length = 1; length <= 70; ++length) {
        id += static_cast<char>('a' + length % 26);
        ids.push_back(id);
        ids.push_back(id.substr(0, id.size() - 1) + "Z");  // the last byte alone differs
        points.intern({ids[ids.size() - 2], grid::Quantity::p_kw, grid::Phase::sum});
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const PointRef found = points.find(ids[i], grid::Quantity::p_kw, grid::Phase::sum);
        EXPECT_EQ(found, i % 2 == 0 ? static_cast<PointRef>(i / 2) : no_point) << ids[i];
    }
    EXPECT_EQ(points.find(std::string(300, 'a'), grid::Quantity::p_kw, grid::Phase::sum), no_point);
}

TEST(PointRegistry, AZeroByteIsPartOfAnId) {
    PointRegistry points;
    points.intern({"F", grid::Quantity::p_kw, grid::Phase::sum});
    EXPECT_EQ(points.find(std::string_view("F\0", 2), grid::Quantity::p_kw, grid::Phase::sum), no_point);
}

TEST(PointRegistry, ManyAskedForBeforeTheFirstIsLookedFor) {
    PointRegistry points;
    constexpr std::size_t count = 20'000;
    points.reserve(count);
    const std::size_t bytes = points.table_bytes();
    for (std::size_t i = 0; i < count; ++i) {
        points.intern(key_of(i));
    }
    EXPECT_EQ(points.table_bytes(), bytes) << "what was reserved is enough";
    std::vector<std::string> ids;
    std::vector<PointQuery> queries;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(key_of(i).point_id);
    }
    for (std::size_t i = 0; i < count; ++i) {
        queries.push_back(points.ask(ids[i], grid::Quantity::p_kw, static_cast<grid::Phase>(i % 5)));
    }
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(points.find(queries[i]), i);
    }
}

TEST(PointRegistry, RoomForHandlesTakesNoneFromTheEntries) {
    PointRegistry points;
    points.reserve(0, 5'000);
    for (int i = 0; i < 100; ++i) {
        points.intern({"F-" + std::to_string(i), grid::Quantity::p_kw, grid::Phase::sum});
    }
    EXPECT_EQ(points.size(), 100U);
    EXPECT_EQ(points.find("F-99", grid::Quantity::p_kw, grid::Phase::sum), 99U);
}

TEST(PointRegistry, ReadersNeedNoLockWhileOneInterns) {
    PointRegistry points;
    constexpr std::size_t count = 30'000;
    std::atomic<std::size_t> interned{0};
    std::atomic<std::size_t> wrong{0};
    std::vector<std::thread> readers;
    for (std::size_t reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&, reader] {
            for (std::size_t known = 0; known < count;) {
                known = interned.load(std::memory_order_acquire);
                if (known == 0) {
                    continue;
                }
                const std::size_t i = (known - 1) * (reader + 1) / 2;
                const PointKey key = key_of(i);
                const PointRef found = points.find(key.point_id, key.quantity, key.phase);
                wrong += found != i || points.key(found) != key || points.size() < known ? 1 : 0;
                wrong += points.find("nobody", key.quantity, key.phase) != no_point ? 1 : 0;
            }
        });
    }
    for (std::size_t i = 0; i < count; ++i) {
        points.intern(key_of(i));
        interned.store(i + 1, std::memory_order_release);
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(wrong.load(), 0U);
}

TEST(PointRegistry, TheLoadsOfAPlaceShareAnEntryAndHaveFourHandles) {
    PointRegistry points;
    const PointRef before = points.intern({"A", grid::Quantity::v_v, grid::Phase::l2});
    constexpr std::array phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum};
    const std::string long_id(40, 'x');
    for (const std::string& id : {std::string("A"), long_id}) {
        points.intern_loads(id);
        points.intern_loads(id);
    }
    EXPECT_EQ(points.size(), 9U);
    for (const std::string& id : {std::string("A"), long_id}) {
        for (std::size_t i = 0; i < phases.size(); ++i) {
            const PointRef point = points.find(id, grid::Quantity::p_kw, phases[i]);
            EXPECT_EQ(point, before + 1 + (id == long_id ? 4 : 0) + i);
            EXPECT_EQ(points.key(point), (PointKey{id, grid::Quantity::p_kw, phases[i]}));
            EXPECT_EQ(points.intern({id, grid::Quantity::p_kw, phases[i]}), point);
        }
        EXPECT_EQ(points.find(id, grid::Quantity::p_kw, grid::Phase::n), no_point);
        EXPECT_EQ(points.find(id, grid::Quantity::q_kvar, grid::Phase::l1), no_point);
    }
    EXPECT_EQ(points.find("A", grid::Quantity::v_v, grid::Phase::l2), before);
}

TEST(PointRegistry, LoadsThatWereHeardOfFirstKeepTheirHandles) {
    PointRegistry points;
    const PointRef l2 = points.intern({"A", grid::Quantity::p_kw, grid::Phase::l2});
    points.intern_loads("A");
    EXPECT_EQ(points.size(), 4U);
    EXPECT_EQ(points.find("A", grid::Quantity::p_kw, grid::Phase::l2), l2);
    for (PointRef point = 0; point < 4; ++point) {
        const PointKey key = points.key(point);
        EXPECT_EQ(points.find(key.point_id, key.quantity, key.phase), point) << key.text();
    }
}

TEST(PointRegistry, PlacesAndPointsSurviveGrowing) {
    PointRegistry points;
    constexpr std::size_t count = 5000;
    for (std::size_t i = 0; i < count; ++i) {
        i % 2 == 0 ? points.intern_loads(key_of(i).point_id) : static_cast<void>(points.intern(key_of(i)));
    }
    ASSERT_EQ(points.size(), count / 2 * 5);
    for (PointRef point = 0; point < points.size(); ++point) {
        const PointKey key = points.key(point);
        ASSERT_EQ(points.find(key.point_id, key.quantity, key.phase), point) << key.text();
    }
}

TEST(PointRegistry, FindsWhatAPlainMapFinds) {
    // Ids of every length, near one another, in an order of no kind; grown many times; asked one by one and
    // many ahead, with points that are not there in between.
    std::mt19937 random(7);
    const auto below = [&random](std::uint32_t bound) {
        return static_cast<std::uint32_t>(random() % bound);
    };
    const auto random_id = [&] {
        std::string id = std::string(below(3) == 0 ? below(60) : below(6), 'F') + std::to_string(below(9000));
        return below(50) == 0 ? id + std::string(1, '\0') : id;
    };
    const auto random_key = [&] {
        const bool is_load = below(2) == 0;
        return PointKey{random_id(), is_load ? grid::Quantity::p_kw : static_cast<grid::Quantity>(below(8)),
                        static_cast<grid::Phase>(below(5))};
    };
    PointRegistry points;
    std::map<std::string, PointRef> plain;  // by text
    constexpr std::array phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum};
    for (int step = 0; step < 40'000; ++step) {
        if (below(4) == 0) {
            const std::string id = random_id();
            points.intern_loads(id);
            for (const grid::Phase phase : phases) {
                const PointKey key{id, grid::Quantity::p_kw, phase};
                plain.try_emplace(key.text(), static_cast<PointRef>(plain.size()));
            }
        } else {
            const PointKey key = random_key();
            const PointRef point = points.intern(key);
            ASSERT_EQ(point,
                      plain.try_emplace(key.text(), static_cast<PointRef>(plain.size())).first->second);
        }
        ASSERT_EQ(points.size(), plain.size());
    }
    constexpr std::size_t ahead = 500;
    for (int round = 0; round < 100; ++round) {
        std::vector<PointKey> keys;
        std::vector<PointQuery> queries;
        for (std::size_t i = 0; i < ahead; ++i) {
            keys.push_back(below(3) == 0 ? random_key()
                                         : points.key(below(static_cast<std::uint32_t>(points.size()))));
        }
        for (const PointKey& key : keys) {
            queries.push_back(points.ask(key.point_id, key.quantity, key.phase));
        }
        if (round % 3 == 0) {  // some in between are asked of a table that is outgrown
            points.intern({"late-" + std::to_string(round), grid::Quantity::v_v, grid::Phase::l1});
            plain.try_emplace("late-" + std::to_string(round) + "/v_v/L1",
                              static_cast<PointRef>(plain.size()));
        }
        for (PointQuery& query : queries) {
            if (round % 2 == 0) {
                points.look(query);
            }
        }
        for (std::size_t i = 0; i < ahead; ++i) {
            const auto known = plain.find(keys[i].text());
            ASSERT_EQ(points.find(queries[i]), known == plain.end() ? no_point : known->second)
                << keys[i].text();
        }
    }
}

TEST(PointRegistry, AnOutgrownTableStillAnswers) {
    PointRegistry points;
    points.intern(key_of(0));
    const std::string id = key_of(0).point_id;
    PointQuery before = points.ask(id, grid::Quantity::p_kw, grid::Phase::l1);
    const std::size_t bytes = points.table_bytes();
    for (std::size_t i = 1; i < 3000; ++i) {
        points.intern(key_of(i));
    }
    ASSERT_GT(points.table_bytes(), bytes);
    points.look(before);
    EXPECT_EQ(points.find(before), 0U);
}

TEST(PointRegistry, SourcesBeyondTheBoundShareOther) {
    PointRegistry points;
    for (std::size_t i = 0; i < PointRegistry::sources_max + 50; ++i) {
        const std::uint16_t ref = points.intern_source("s" + std::to_string(i));
        EXPECT_EQ(points.source(ref), i + 1 < PointRegistry::sources_max ? "s" + std::to_string(i) : "other");
    }
    EXPECT_EQ(points.source(points.intern_source("s7")), "s7");
}

}  // namespace
}  // namespace headroom::telemetry
