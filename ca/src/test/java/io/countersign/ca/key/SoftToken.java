// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import io.countersign.ca.key.Pkcs11Settings.Pin;
import io.countersign.ca.key.Pkcs11Settings.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** A new token of SoftHSM 2, in the folder of this build that the pom names in SOFTHSM2_CONF. */
record SoftToken(String label, Path module, Path pinFile) {
    private static final String PIN = "one-" + UUID.randomUUID();

    static SoftToken create(Path folder) throws Exception {
        var configuration = Path.of(System.getenv("SOFTHSM2_CONF"));
        var tokens = Files.createDirectories(configuration.resolveSibling("tokens"));
        Files.writeString(configuration, "directories.tokendir = " + tokens + "\nlog.level = ERROR\n");
        var token = new SoftToken(
                "t" + UUID.randomUUID().toString().substring(0, 8),
                installed(),
                Files.writeString(folder.resolve("pin"), PIN + "\n"));
        token.run("softhsm2-util", "--init-token", "--free", "--label", token.label, "--pin", PIN, "--so-pin", PIN);
        return token;
    }

    /** Where Debian's packages of any architecture have put it. */
    private static Path installed() {
        return List.of("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so").stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("SoftHSM is not there; install softhsm2"));
    }

    Pkcs11Settings settings(String owner) {
        return new Pkcs11Settings(module, new Token.Labelled(label), new Pin.InFile(pinFile), owner);
    }

    private void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + ": " + said);
        }
    }
}
