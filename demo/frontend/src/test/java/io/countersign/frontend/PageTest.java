// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a real browser: Debian's Chromium, or the one that CHROMIUM names. */
class PageTest {
    private static TestFrontend frontend;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> complaints = new ArrayList<>();
    private Page page;

    @BeforeAll
    static void start() throws Exception {
        setDefaultAssertionTimeout(20_000);
        frontend = new TestFrontend();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var chromium = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        var root = "root".equals(System.getProperty("user.name"));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(chromium))
                        // Chromium's sandbox refuses root
                        .setArgs(root ? List.of("--no-sandbox") : List.of()));
    }

    @AfterAll
    static void stop() {
        playwright.close();
        frontend.close();
    }

    @BeforeEach
    void allIsWell() {
        frontend.sidecar.answer(200, TestUpstream.sidecarHeaders(), TestUpstream.demo());
        frontend.intruder.answer(200, Map.of(), TestUpstream.refusals());
        open(1280, ColorScheme.LIGHT);
    }

    @AfterEach
    void nothingWasRefusedByThePolicy() {
        page.context().close();
        assertEquals(List.of(), complaints);
    }

    @Test
    void runDemoDrawsTheChainAndTheOrders() {
        page.locator("#runDemoBtn").click();

        assertThat(page.locator("#fe2beStatus .status-text")).hasText("SUCCESS");
        assertThat(page.locator("#be2dbStatus .status-text")).hasText("SUCCESS");
        assertThat(page.locator("#fe2beStatus")).hasClass("status-indicator status-success");
        assertThat(page.locator(".order-card")).hasCount(5);
        assertThat(page.locator(".sighting[data-state=good]")).hasCount(4);
        assertThat(page.locator(".wire .end[data-state=good]")).hasCount(4);
        assertThat(page.locator("#verdict")).containsText("proven at both ends");
        assertThat(page.locator("#loading")).isHidden();
        assertThat(page.locator("#runDemoBtn")).isEnabled();
        assertThat(page.locator(".spiffe-id").first()).hasText(TestUpstream.BACKEND);
        // a row with markup is text
        assertThat(page.locator(".order-card").nth(2)).containsText("<img src=x");
        assertEquals("SPIRE/SPIFFE Demo", page.title());
    }

    @Test
    void everyCertificatesLifeCountsDown() {
        page.locator("#runDemoBtn").click();
        var life = page.locator(".life").last();
        assertThat(life).hasText(java.util.regex.Pattern.compile("in 00:\\d\\d"));
        assertThat(page.locator(".life")).hasCount(4);
        var before = life.textContent();

        assertThat(life).not().hasText(before);
    }

    @Test
    void breakInsShowWhoRefusedAndTheErrorItself() {
        page.locator("#breakInBtn").click();

        assertThat(page.locator(".attempt[data-state=refused]")).hasCount(4);
        assertThat(page.locator(".attempt[data-kind=wrong-identity] code")).hasText("HTTP 403: RBAC: access denied");
        assertThat(page.locator("#breakInVerdict")).hasText("4 of 4 attempts were refused.");
        photograph("page-break-in");
    }

    @Test
    void anAttemptThatCouldNotBeMadeIsNoRefusal() {
        frontend.intruder.answer(
                200,
                Map.of(),
                "[{\"kind\":\"no-identity\",\"attempted\":false,\"refused\":false,\"by\":\"\",\"error\":\"connection refused\"}]");

        page.locator(".attempt[data-kind=no-identity] button").click();

        assertThat(page.locator(".attempt[data-kind=no-identity]")).hasAttribute("data-state", "untried");
        assertThat(page.locator(".attempt[data-kind=no-identity] .result")).containsText("Could not be tried");
        assertThat(page.locator(".attempt[data-kind=wrong-role] .result")).isEmpty();
    }

    @Test
    void aRefusalIsExplainedInWords() {
        frontend.sidecar.answer(403, Map.of(), "RBAC: access denied");

        page.locator("#runDemoBtn").click();

        assertThat(page.locator("#fe2beStatus .status-text")).hasText("FAILED");
        assertThat(page.locator("#fe2beMessage"))
                .hasText("Connection failed: HTTP 403: Backend error: RBAC: access denied");
        assertThat(page.locator("#be2dbMessage")).hasText("Unable to determine (frontend-to-backend failed)");
        assertThat(page.locator("#verdict")).containsText("its policy lets somebody else in");
        assertThat(page.locator("#ordersSection")).isHidden();
        complaints.removeIf(line -> line.contains("403"));
        photograph("page-refused");
    }

    @Test
    void everythingIsReachedByKeyboard() {
        page.keyboard().press("Tab");
        assertThat(page.locator("#runDemoBtn")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator(".order-card")).hasCount(5);
        page.keyboard().press("Tab");
        assertThat(page.locator("#breakInBtn")).isFocused();
        page.keyboard().press("Space");
        assertThat(page.locator(".attempt[data-state=refused]")).hasCount(4);
    }

    @Test
    void nothingSticksOutAtAnyWidthInLightAndDark() {
        for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : new int[] {360, 390, 768, 1280}) {
                page.context().close();
                open(width, scheme);
                page.locator("#runDemoBtn").click();
                page.locator("#breakInBtn").click();
                assertThat(page.locator(".order-card")).hasCount(5);
                assertThat(page.locator(".attempt[data-state=refused]")).hasCount(4);
                var overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
                assertTrue(((Number) overflow).intValue() <= 0, width + " px: sticks out by " + overflow);
                photograph("page-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT));
            }
        }
    }

    private void open(int width, ColorScheme scheme) {
        page = browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, 900)
                        .setColorScheme(scheme))
                .newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.navigate(frontend.url() + "/");
    }

    private void photograph(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Path.of("target", name + ".png"))
                .setFullPage(true));
    }
}
