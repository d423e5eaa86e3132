#include "knowledge/pdf_text.hpp"

#include "app/made_up_pdf.hpp"
#include "knowledge/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace headroom::knowledge {
namespace {

class PdfText : public testing::Test {
  protected:
    PdfText()
        : folder_(std::filesystem::temp_directory_path() / ("headroom-pdf-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~PdfText() override { std::filesystem::remove_all(folder_); }
    void SetUp() override {
        ASSERT_TRUE(std::filesystem::exists(PdfLimits{}.program))
            << "poppler-utils is not installed. Remedy: scripts/install_packages";
    }
    std::filesystem::path file(const std::string& name, std::string_view bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }
    /// A program in the place of pdftotext.
    std::filesystem::path program(const std::string& script) {
        const auto path = file("reader", "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }

    std::filesystem::path folder_;
    std::string pdf_ = app::made_up_pdf(
        {{"1 Scope", "Feeders of the district."}, {"2 Ratings", "No feeder may exceed 180 kW."}});
};

TEST_F(PdfText, GivesEachPage) {
    const auto document = read_document(file("rules.pdf", pdf_));
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->first.pages, 2);
    EXPECT_EQ(document->first.name, "rules");
    const Passage& last = document->second.passages.back();
    EXPECT_EQ(last.page, 2);
    EXPECT_EQ(last.section, "2 Ratings");
    EXPECT_THAT(last.text, testing::HasSubstr("No feeder may exceed 180 kW."));
}

TEST_F(PdfText, RefusesWhatIsNone) {
    EXPECT_EQ(pdf_to_text(folder_ / "none.pdf").error().code, Errc::not_found);
    EXPECT_EQ(pdf_to_text(file("words.pdf", "no PDF at all")).error().code, Errc::invalid);
    EXPECT_EQ(pdf_to_text(folder_).error().code, Errc::invalid);
    EXPECT_EQ(pdf_to_text(file("large.pdf", pdf_), {.file_bytes = 10}).error().code, Errc::invalid);
    EXPECT_EQ(pdf_to_text(file("x.pdf", pdf_), {.program = "/nowhere/pdftotext"}).error().code,
              Errc::unsupported);
}

TEST_F(PdfText, SurvivesTruncatedAndAlteredFiles) {
    for (std::size_t cut = 0; cut < pdf_.size(); cut += 97) {
        std::string bytes = pdf_.substr(0, cut) + pdf_.substr(std::min(pdf_.size(), cut + 7));
        const auto text = pdf_to_text(file("cut.pdf", bytes));
        EXPECT_TRUE(text.has_value() || text.error().code == Errc::invalid) << cut;
    }
}

TEST_F(PdfText, KillsAReaderThatNeverEnds) {
    const auto slow = program("while :; do :; done");
    const auto text = pdf_to_text(file("slow.pdf", pdf_), {.time = milliseconds{200}, .program = slow});
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error().code, Errc::invalid);
}

TEST_F(PdfText, StopsAtTooMuchText) {
    const auto endless = program("while :; do echo words and more words; done");
    const auto text = pdf_to_text(file("long.pdf", pdf_), {.text_bytes = 10'000, .program = endless});
    ASSERT_FALSE(text.has_value());
    EXPECT_THAT(text.error().message, testing::HasSubstr("more than 10000 bytes"));
}

TEST_F(PdfText, GivesItsReaderNoEnvironmentAndNoFiles) {
    ::setenv("HEADROOM_TEST_SECRET", "tell nobody", 1);
    const auto curious = program("echo begin$HEADROOM_TEST_SECRET; echo words > " +
                                 (folder_ / "written").string() + "; echo end");
    const auto text = pdf_to_text(file("curious.pdf", pdf_), {.program = curious});
    ::unsetenv("HEADROOM_TEST_SECRET");
    if (text) {
        EXPECT_THAT(*text, testing::StartsWith("begin\n"));
    }
    std::error_code fault;
    EXPECT_TRUE(!std::filesystem::exists(folder_ / "written") ||
                std::filesystem::file_size(folder_ / "written", fault) == 0);
}

TEST_F(PdfText, TellsWhenTheReaderBreaks) {
    const auto broken = program("kill -SEGV $$");
    EXPECT_EQ(pdf_to_text(file("broken.pdf", pdf_), {.program = broken}).error().code, Errc::invalid);
}

}  // namespace
}  // namespace headroom::knowledge
