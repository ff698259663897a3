// The province-level regions as squares, roughly as they lie; the first two digits of their administrative codes. No borders are drawn.
export type Province = { code: string; short: string; zh: string; en: string; column: number; row: number };

const ROWS: [string, string, string, string, number, number][] = [
  ['11', '京', '北京', 'Beijing', 7, 1], ['12', '津', '天津', 'Tianjin', 8, 2], ['13', '冀', '河北', 'Hebei', 7, 2], ['14', '晋', '山西', 'Shanxi', 6, 2],
  ['15', '蒙', '内蒙古', 'Inner Mongolia', 6, 1], ['21', '辽', '辽宁', 'Liaoning', 8, 1], ['22', '吉', '吉林', 'Jilin', 9, 1], ['23', '黑', '黑龙江', 'Heilongjiang', 9, 0],
  ['31', '沪', '上海', 'Shanghai', 9, 4], ['32', '苏', '江苏', 'Jiangsu', 8, 4], ['33', '浙', '浙江', 'Zhejiang', 8, 5], ['34', '皖', '安徽', 'Anhui', 7, 4],
  ['35', '闽', '福建', 'Fujian', 8, 6], ['36', '赣', '江西', 'Jiangxi', 7, 5], ['37', '鲁', '山东', 'Shandong', 8, 3], ['41', '豫', '河南', 'Henan', 7, 3],
  ['42', '鄂', '湖北', 'Hubei', 6, 4], ['43', '湘', '湖南', 'Hunan', 6, 5], ['44', '粤', '广东', 'Guangdong', 7, 6], ['45', '桂', '广西', 'Guangxi', 6, 6],
  ['46', '琼', '海南', 'Hainan', 6, 7], ['50', '渝', '重庆', 'Chongqing', 5, 4], ['51', '川', '四川', 'Sichuan', 4, 4], ['52', '贵', '贵州', 'Guizhou', 5, 5],
  ['53', '云', '云南', 'Yunnan', 4, 5], ['54', '藏', '西藏', 'Tibet', 3, 4], ['61', '陕', '陕西', 'Shaanxi', 6, 3], ['62', '甘', '甘肃', 'Gansu', 5, 3],
  ['63', '青', '青海', 'Qinghai', 4, 3], ['64', '宁', '宁夏', 'Ningxia', 5, 2], ['65', '新', '新疆', 'Xinjiang', 3, 3], ['71', '台', '台湾', 'Taiwan', 9, 6],
  ['81', '港', '香港', 'Hong Kong', 8, 7], ['82', '澳', '澳门', 'Macao', 7, 7],
];

export const PROVINCES: Province[] = ROWS.map(([code, short, zh, en, column, row]) => ({ code, short, zh, en, column: column - 2, row: row + 1 }));
