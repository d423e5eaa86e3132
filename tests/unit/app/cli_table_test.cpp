#include "app/cli_table.hpp"

#include <gtest/gtest.h>

namespace headroom::app {
namespace {

/// A command line with one of each kind of flag.
struct Line {
    CLI::App app{"A tool", "tool"};
    int port = 8000;
    int count = 0;
    std::string level;
    std::string event;
    std::string secret;
    bool is_json = false;

    Line() {
        app.formatter(make_help_formatter());
        app.require_subcommand(1);
        auto* serve = app.add_subcommand("serve", "Run it");
        serve->add_option("--port", port, "TCP port")->check(CLI::Range(0, 65535))->capture_default_str();
        serve->add_option("--level", level, "How far | it goes")->check(CLI::IsMember({"low", "high"}));
        serve->add_option("--count", count, "How many");
        serve->add_flag("--json", is_json, "JSON");
        serve->add_option("--hidden", secret, "Not shown")->group("");
        serve->footer("Example:\n  tool serve");
        auto* audit = app.add_subcommand("audit", "Read the log");
        audit->require_subcommand(1);
        audit->add_subcommand("show", "Print it")->add_option("EVENT", event, "Which")->required();
        app.add_subcommand("secret", "Not shown")->group("");
    }

    /// What a wrong command line is answered with, without the line that says where help is.
    std::string wrong(std::vector<std::string> words) {
        std::reverse(words.begin(), words.end());
        try {
            app.parse(words);
        } catch (const CLI::ParseError& error) {
            const std::string text = usage_message(app, error);
            return text.substr(0, text.find('\n'));
        }
        return "nothing is wrong";
    }
};

TEST(CliTableTest, TellsWhatTheParserKnows) {
    Line line;
    const CommandDoc table = table_of(line.app);
    ASSERT_EQ(table.commands.size(), 2U) << "what is hidden is left out";
    const CommandDoc& serve = table.commands[0];
    EXPECT_EQ(serve.path, "tool serve");
    ASSERT_EQ(serve.flags.size(), 5U);
    EXPECT_EQ(serve.flags[0].name, "--help");
    EXPECT_EQ(serve.flags[1].name, "--port");
    EXPECT_EQ(serve.flags[1].value, "N");
    EXPECT_EQ(serve.flags[1].range, "0 to 65535");
    EXPECT_EQ(serve.flags[1].default_text, "8000");
    EXPECT_EQ(serve.flags[2].choices, (std::vector<std::string>{"low", "high"}));
    EXPECT_TRUE(serve.flags[4].value.empty());
    const FlagDoc& event = table.commands[1].commands[0].flags.back();
    EXPECT_TRUE(event.is_argument && event.is_required);
}

TEST(CliTableTest, AWrongLineIsAnsweredWithTheRightName) {
    EXPECT_EQ(Line().wrong({"serve", "--prot", "1"}),
              "tool serve: '--prot' is not a flag here; did you mean --port?");
    EXPECT_EQ(Line().wrong({"serve", "--prot=1"}),
              "tool serve: '--prot' is not a flag here; did you mean --port?");
    EXPECT_EQ(Line().wrong({"audit", "show", "e", "--level", "low"}),
              "tool audit show: '--level' is not a flag here; it is one of tool serve");
    EXPECT_EQ(Line().wrong({"serv"}), "tool: 'serv' is not a command here; did you mean serve?");
    EXPECT_EQ(Line().wrong({"zzzzzz"}), "tool: 'zzzzzz' is not a command here");
    EXPECT_EQ(Line().wrong({"audit", "show", "e", "f"}), "tool audit show: 'f' is one argument too many");
}

TEST(CliTableTest, AWrongValueIsAnsweredWithWhatIsAllowed) {
    EXPECT_EQ(Line().wrong({"serve", "--port", "x"}), "tool serve: --port must be from 0 to 65535, it is x");
    EXPECT_EQ(Line().wrong({"serve", "--count", "x"}), "tool serve: --count wants a number, it is 'x'");
    EXPECT_EQ(Line().wrong({"serve", "--port", "70000"}),
              "tool serve: --port must be from 0 to 65535, it is 70000");
    EXPECT_EQ(Line().wrong({"serve", "--level", "x"}), "tool serve: --level must be low or high, it is 'x'");
    EXPECT_EQ(Line().wrong({"serve", "--port"}), "tool serve: --port wants a value");
    EXPECT_EQ(Line().wrong({}), "tool: a command is missing: serve or audit");
    EXPECT_EQ(Line().wrong({"audit"}), "tool audit: a command is missing: show");
    EXPECT_EQ(Line().wrong({"audit", "show"}), "tool audit show: EVENT is required");
}

TEST(CliTableTest, HelpShowsChoicesRangesAndDefaults) {
    Line line;
    const std::string help = line.app.get_subcommand("serve")->help();
    EXPECT_NE(help.find("--level low|high"), std::string::npos) << help;
    EXPECT_NE(help.find("TCP port (0 to 65535) [default: 8000]"), std::string::npos) << help;
    EXPECT_EQ(help.find("hidden"), std::string::npos) << help;
}

TEST(CliTableTest, MarkdownHasEveryCommandAndEscapesBars) {
    Line line;
    const std::string text = table_markdown(table_of(line.app));
    EXPECT_NE(text.find("## tool audit show\n"), std::string::npos);
    EXPECT_NE(text.find("tool audit show EVENT [flags]"), std::string::npos);
    EXPECT_NE(text.find("| `--level` | `low`, `high` |  | How far \\| it goes |"), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos);
}

TEST(CliTableTest, CompletionKnowsCommandsFlagsAndChoices) {
    Line line;
    const CommandDoc table = table_of(line.app);
    const std::string bash = completion_script(table, "bash");
    EXPECT_NE(bash.find("'tool serve') words='--help --port --level --count --json'"), std::string::npos)
        << bash;
    EXPECT_NE(bash.find("words='low high'"), std::string::npos) << bash;
    EXPECT_TRUE(completion_script(table, "zsh").starts_with("#compdef headroom\n"));
    const std::string fish = completion_script(table, "fish");
    EXPECT_NE(fish.find("-l level -x -a 'low high'"), std::string::npos) << fish;
}

}  // namespace
}  // namespace headroom::app
