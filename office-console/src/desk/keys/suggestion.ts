// A passphrase that nobody made up: seven short words out of 256, drawn by the system's randomness.
// Refuses words of one's own: chance is what makes it strong.

/** 8 bits each: 56 bits behind 64 MiB of Argon2id for every guess. */
export const SUGGESTED_WORDS = 7;

export const WORDS: readonly string[] = `
anh ao áo bão bàn bánh bát bãi bạc bạn bến bếp bể bò bóng bông bơ bún bụi bút bưởi bướm cá cành cao cát
cau cầu cây cánh cối cỏ còi cột cơm cua cung cừu cửa củi dao dâu dây dế diều dòng dơi dù dừa dưa đá đào
đàn đất đèn đêm đĩa đò đồi đồng đỏ đũa đường ếch gà gạch gạo gấu gỗ gối gió giày giếng giỏ giường gừng
hạc hạt hang hành hẹ heo hoa hòm hổ hồ hồng hộp huệ hươu kéo kem kèn keo khăn khế khoai khói khung kiến
kim kính lá lạc lan lau lăng lê lọ lông lúa lụa lửa lưới lược ly lươn mai mái mắm măng mận mây mật mè
mèo mía mít mo mõ mỏ mơ mũ mùa muối muỗng mưa mực nai nấm nến ngan ngà ngao ngày ngói ngõ ngô ngọc ngỗng
nho nhà nhãn nhện nhộng nia nón nơm nồi nuôi nước ong ổi ớt ốc ổ phà phấn phố phở quạt quả quế quýt rắn
rau rèm rể rồng rổ rơm rùa ruộng rừng rươi sách sáo sắn sân sâu sen sò sỏi sông sơn sú sung suối sư
sương sữa táo tàu tằm tem tép thang thau thảm thìa thỏ thóc thông thơ thùng thuyền thước tía tiêu tỏi
tôm trà trăng trâu trầu tre trống trứng tủ tuyết tường vải vàng vạc ve vịt voi vông vở vườn vượn vừng xe
xoài xôi xuồng xương yến yên chè chó chum chuối chuồn chợ chiếu`
  .trim()
  .split(/\s+/);

/** @param draw gives so many random bytes. */
export function suggestion(
  draw: (count: number) => Uint8Array = (count) => crypto.getRandomValues(new Uint8Array(count)),
): string {
  return [...draw(SUGGESTED_WORDS)].map((byte) => WORDS[byte] ?? '').join(' ');
}
