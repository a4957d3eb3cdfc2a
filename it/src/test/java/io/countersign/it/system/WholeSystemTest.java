// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.countersign.it.process.Await;
import io.countersign.it.process.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A system that runs for a while: looked at in a browser, and robbed of one process after the other. */
class WholeSystemTest {
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private static RunningSystem system;

    @BeforeAll
    static void start() throws Exception {
        system = RunningSystem.start();
    }

    /** Nothing may be left: no process, no socket. */
    @AfterAll
    static void stop() throws Exception {
        var processes = system.processes();
        assertEquals(0, system.stop());
        Await.until(
                RECOVERY,
                "processes are left: " + processes,
                () -> processes.stream().noneMatch(ProcessHandle::isAlive));
        try (var files = Files.walk(system.state())) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.getFileName().toString().endsWith(".sock"))
                            .toList());
        }
        system.close();
    }

    @Test
    void bothPatternsAreProven() throws Exception {
        awaitWorks("at the start");
        Judge.assertProven(system.demo());
    }

    @Test
    void everyBreakInIsRefused() throws Exception {
        awaitWorks("before the break-ins");
        Judge.assertRefused(system.breakIns());
        var said = Files.readString(system.state().resolve("logs/backend-sidecar.log"));
        assertFalse(said.contains("tail of the pipeline"), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server",
                "agent",
                "postgres-helper",
                "backend-helper",
                "frontend-sidecar",
                "backend-sidecar",
                "postgres",
                "backend",
                "frontend",
                "intruder"
            })
    void aKilledPartComesBackAndAllIsWellAgain(String name) throws Exception {
        awaitWorks("before the kill");
        var killed = system.part(name);
        assertTrue(killed.destroyForcibly());
        killed.onExit().get();
        awaitProcess(name, killed.pid());
        awaitWorks(name + " was killed");
        // the intruder is no part of the demo
        Await.until(RECOVERY, "break-ins are not refused, " + name + " was killed", () -> {
            Judge.assertRefused(system.breakIns());
            return true;
        });
    }

    private static void awaitProcess(String name, long former) {
        Await.until(
                RECOVERY, name + " does not come back", () -> system.part(name).pid() != former);
    }

    private static void awaitWorks(String when) {
        Await.until(RECOVERY, "the demo does not work, " + when, () -> system.works());
    }

    @Test
    void thePageShowsTheProofAndTheRefusals() throws Exception {
        awaitWorks("before the page is opened");
        setDefaultAssertionTimeout(30_000);
        try (var playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")))) {
            var chromium = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
            var browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(Path.of(chromium))
                            // Chromium's sandbox refuses root
                            .setArgs(Programs.isRoot() ? List.of("--no-sandbox") : List.of()));
            for (int width : new int[] {1280, 390}) {
                var page = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, 900))
                        .newPage();
                page.navigate(system.address() + "/");
                page.locator("#runDemoBtn").click();
                assertThat(page.locator(".sighting[data-state=good]")).hasCount(4);
                assertThat(page.locator(".order-card")).hasCount(5);
                assertThat(page.locator(".parts [data-kind=ours]")).hasCount(6);
                page.locator("#breakInBtn").click();
                assertThat(page.locator(".attempt[data-state=refused]")).hasCount(4);
                var overflow = (Number) page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
                assertTrue(overflow.intValue() <= 0, width + " px: sticks out by " + overflow);
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(Path.of("target", "system-" + width + ".png"))
                        .setFullPage(true));
            }
        }
    }
}
