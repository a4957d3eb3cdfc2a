// SPDX-License-Identifier: Apache-2.0
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** How long an agent waits for all of its entries, in milliseconds: median and 99th percentile of calls one after another. */
class Sync {
    private static final int WARM_UP = 500;
    private static final int CALLS = 500;

    /** @param words port, and the folder with the agent's cert.pem, key.pem and bundle.pem */
    public static void main(String[] words) throws Exception {
        var trustDomain = new TrustDomain("example.org");
        var folder = Path.of(words[1]);
        var svid = X509Svid.parse(
                Files.readAllBytes(folder.resolve("cert.pem")), Files.readAllBytes(folder.resolve("key.pem")));
        var bundle = TrustBundle.ofX509(
                trustDomain, Pem.parseCertificates(Files.readAllBytes(folder.resolve("bundle.pem"))));
        var channel = new ServerConnection("127.0.0.1", Integer.parseInt(words[0]), trustDomain).asNode(() -> svid, bundle);
        var server = new Server(channel);
        var millis = new double[CALLS];
        int entries = 0;
        for (int i = -WARM_UP; i < CALLS; i++) {
            long begin = System.nanoTime();
            entries = server.entries(Map.of()).size();
            if (i >= 0) {
                millis[i] = (System.nanoTime() - begin) / 1e6;
            }
        }
        channel.shutdownNow();
        Arrays.sort(millis);
        System.out.printf(
                "{\"entries\": %d, \"p50_ms\": %.3f, \"p99_ms\": %.3f}%n",
                entries, millis[CALLS / 2], millis[CALLS * 99 / 100]);
    }
}
