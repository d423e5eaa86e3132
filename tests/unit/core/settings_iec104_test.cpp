#include "core/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom {
namespace {

std::vector<std::string> fault_sentences(const std::string& toml) {
    const SettingsCheck check = check_settings_text(toml, "headroom.toml", SettingsSources{});
    std::vector<std::string> texts;
    for (const SettingsFault& fault : check.faults) {
        texts.push_back(fault.sentence());
    }
    return texts;
}

TEST(Iec104Settings, AreReadWithTheStandardsTimes) {
    const SettingsCheck check = check_settings_text(
        "[iec104]\nmapping_file = \"map.csv\"\n[[iec104.stations]]\nid = \"north\"\nhost = \"10.0.0.5\"\n",
        "headroom.toml", SettingsSources{});
    ASSERT_TRUE(check.loaded.has_value());
    const Iec104SourceSettings& settings = check.loaded->settings.iec104;
    ASSERT_EQ(settings.stations.size(), 1U);
    EXPECT_EQ(settings.stations[0].port, 2404);
    EXPECT_EQ(settings.stations[0].untimed_quality, "estimated");
    EXPECT_EQ(settings.t1_s, 15);
    EXPECT_EQ(settings.w, 8);
}

TEST(Iec104Settings, AStationNeedsAMapping) {
    EXPECT_THAT(fault_sentences("[[iec104.stations]]\nid = \"north\"\nhost = \"10.0.0.5\"\n"),
                testing::ElementsAre(testing::HasSubstr("iec104.mapping_file is needed")));
}

TEST(Iec104Settings, TellWhatDoesNotGoTogether) {
    EXPECT_THAT(
        fault_sentences("[iec104]\nmapping_file = \"m\"\nt1_s = 5\nt2_s = 5\n"
                        "[[iec104.stations]]\nid = \"a\"\nhost = \"h\"\nuntimed_quality = \"perfects\"\n"
                        "[[iec104.stations]]\nid = \"a\"\nhost = \"h\"\n"),
        testing::ElementsAre(testing::HasSubstr("t2_s must be less than t1_s"),
                             testing::HasSubstr("untimed_quality must be estimated or measured"),
                             testing::HasSubstr("id stands twice: a")));
}

}  // namespace
}  // namespace headroom
