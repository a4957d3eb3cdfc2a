// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.countersign.agent.config.KubernetesConfig.Kubelet;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The pods of this node as the kubelet knows them. However many ask, it is asked by one of them at a time, and not again
 * before the interval is over. Thread-safe.
 */
final class PodLists {
    /**
     * @param version grows with each
     * @param pods by UID
     */
    record PodList(long version, Map<String, Pod> pods) {
        PodList {
            pods = Map.copyOf(pods);
        }
    }

    private final Kubelet kubelet;
    private final Duration interval;
    private Optional<KubeletClient> client = Optional.empty();
    private long clientMade;
    private Optional<PodList> latest = Optional.empty();
    private long latestBegun;
    private long lastBegun;
    private long version;
    private Optional<CompletableFuture<PodList>> underWay = Optional.empty();

    PodLists(Kubelet kubelet, Duration interval) {
        this.kubelet = kubelet;
        this.interval = interval;
        this.lastBegun = System.nanoTime() - interval.toNanos();
    }

    /**
     * One that is newer than {@code seen}, the version of an earlier one; 0 for any.
     *
     * @throws IOException if the kubelet cannot be asked
     */
    PodList next(long seen) throws IOException, InterruptedException {
        CompletableFuture<PodList> asked;
        synchronized (this) {
            if (latest.isPresent()
                    && latest.get().version() > seen
                    && System.nanoTime() - latestBegun < interval.toNanos()) {
                return latest.get();
            }
            if (underWay.isEmpty()) {
                underWay = Optional.of(begin());
            }
            asked = underWay.get();
        }
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failed
                    ? new IOException(failed.getMessage(), failed)
                    : new IOException("the kubelet cannot be asked", e);
        }
    }

    private CompletableFuture<PodList> begin() {
        var result = new CompletableFuture<PodList>();
        Thread.ofVirtual().name("kubelet").start(() -> {
            try {
                pause();
                end(Optional.of(fetch()), result);
            } catch (IOException | RuntimeException | Error e) {
                end(Optional.empty(), result);
                result.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                end(Optional.empty(), result);
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void pause() throws InterruptedException {
        long begin;
        synchronized (this) {
            begin = lastBegun + interval.toNanos();
        }
        Thread.sleep(Duration.ofNanos(Math.max(0, begin - System.nanoTime())));
        synchronized (this) {
            lastBegun = System.nanoTime();
        }
    }

    private synchronized void end(Optional<Map<String, Pod>> pods, CompletableFuture<PodList> result) {
        underWay = Optional.empty();
        pods.ifPresent(found -> {
            var list = new PodList(++version, found);
            latest = Optional.of(list);
            latestBegun = lastBegun;
            result.complete(list);
        });
    }

    /** By one thread at a time. */
    private Map<String, Pod> fetch() throws IOException, InterruptedException {
        if (client.isEmpty()
                || System.nanoTime() - clientMade >= kubelet.reload().toNanos()) {
            client.ifPresent(KubeletClient::close);
            client = Optional.empty();
            client = Optional.of(new KubeletClient(kubelet));
            clientMade = System.nanoTime();
        }
        return parsed(client.get().pods());
    }

    private static Map<String, Pod> parsed(String answer) throws IOException {
        try {
            var list = JsonParser.parseString(answer);
            var items = list instanceof JsonObject object ? object.get("items") : null;
            if (items instanceof JsonNull) {
                return Map.of();
            }
            if (!(items instanceof JsonArray pods)) {
                throw new IOException("invalid kubelet response: expected an items array");
            }
            var found = new HashMap<String, Pod>();
            for (var item : pods) {
                var pod = Pod.of(item.getAsJsonObject());
                if (!pod.uid().isEmpty()) {
                    found.put(pod.uid(), pod);
                }
            }
            return found;
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new IOException("unable to parse kubelet response: " + e.getMessage(), e);
        }
    }
}
