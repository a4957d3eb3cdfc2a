// SPDX-License-Identifier: Apache-2.0
import io.countersign.rpc.RpcChannels;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds many Workload API streams, each on a connection of its own, until all of them have heard of a second X.509 authority.
 * Says "open" when all have had their first answer, and then by when the streams had the news, in seconds of the epoch.
 */
class Streams {
    /** @param words the agent's socket, how many streams, and how many are opened in a second */
    public static void main(String[] words) throws Exception {
        int count = Integer.parseInt(words[1]);
        long pause = TimeUnit.SECONDS.toNanos(1) / Integer.parseInt(words[2]);
        var open = new CountDownLatch(count);
        var told = new CountDownLatch(count);
        var times = new double[count];
        var header = new Metadata();
        header.put(Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER), "true");
        // a channel that nobody holds is reported as lost
        var channels = new ArrayList<ManagedChannel>();
        for (int i = 0; i < count; i++) {
            int which = i;
            channels.add(RpcChannels.unix(Path.of(words[0])));
            SpiffeWorkloadAPIGrpc.newStub(channels.getLast())
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header))
                    .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), new StreamObserver<>() {
                        private int authorities;

                        @Override
                        public void onNext(X509SVIDResponse response) {
                            int before = authorities;
                            authorities = Der.certificates(response.getSvids(0).getBundle().toByteArray());
                            if (before == 0) {
                                open.countDown();
                            } else if (before < 2 && authorities == 2) {
                                times[which] = System.currentTimeMillis() / 1e3;
                                told.countDown();
                            }
                        }

                        @Override
                        public void onError(Throwable failure) {
                            // once all have heard, it is this side that ends them
                            if (told.getCount() > 0) {
                                System.err.println("a stream has ended: " + failure);
                                System.exit(1);
                            }
                        }

                        @Override
                        public void onCompleted() {
                            onError(new IllegalStateException("completed"));
                        }
                    });
            TimeUnit.NANOSECONDS.sleep(pause);
        }
        await(open);
        System.out.println("open");
        await(told);
        channels.forEach(ManagedChannel::shutdownNow);
        Arrays.sort(times);
        System.out.printf(
                "{\"first\": %.3f, \"half\": %.3f, \"all\": %.3f}%n", times[0], times[count / 2], times[count - 1]);
        System.exit(0);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(120, TimeUnit.SECONDS)) {
            System.err.println(latch.getCount() + " streams have heard nothing");
            System.exit(1);
        }
    }

    /** Counts, as thousands of them are not worth being parsed. */
    private static final class Der {
        static int certificates(byte[] der) {
            int count = 0;
            for (int at = 0; at < der.length; count++) {
                // SEQUENCE with a length of two bytes, as every certificate has (X.690 section 8.1.3.5)
                at += 4 + ((der[at + 2] & 0xff) << 8) + (der[at + 3] & 0xff);
            }
            return count;
        }
    }
}
